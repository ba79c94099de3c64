//! `roster audit`

use crate::workplace::Workplace;
use roster_tests::{PASSWORD, Setup, until};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

fn records(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn actions(text: &str) -> Vec<String> {
    records(text).iter().map(|record| record["action"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_the_command_line_did_is_listed_newest_first() {
    let place = Workplace::new();
    place.create("ada", &[]);
    place.run(&["user", "disable", "ada"]).must_exit(0);
    let ran = place.run(&["audit"]).must_exit(0);
    assert_eq!(actions(&ran.stdout), ["user_updated", "user_created"]);
    assert_eq!(ran.stderr, "");
    let newest = &records(&ran.stdout)[0];
    assert_eq!(
        newest["actor"],
        serde_json::json!({ "kind": "operator", "id": null, "api_key": null, "name": null })
    );
    assert_eq!(newest["changed"], serde_json::json!(["status"]));
    assert!(newest["ip"].is_null() && newest["count"] == 1);
}

#[test]
fn filters_and_formats_do_what_they_say() {
    let place = Workplace::new();
    place.create("ada", &["--email", "ada@example.org"]);
    place.run(&["user", "disable", "ada"]).must_exit(0);
    let id =
        records(&place.run(&["audit"]).must_exit(0).stdout)[0]["target"]["id"].as_str().unwrap().to_owned();
    for (filter, count) in [
        (&["--limit", "1"][..], 1),
        (&["--action", "user_created"], 1),
        (&["--actor", "system"], 0),
        (&["--target", &id], 2),
        (&["--outcome", "success", "--actor", "operator"], 2),
        (&["--from", "2020-01-01T00:00:00Z", "--to", "2021-01-01T00:00:00Z"], 0),
        (&["--from", "2020-01-01"], 2),
        (&["--ip", "192.0.2.1"], 0),
    ] {
        let ran = place.run(&[&["audit"], filter].concat()).must_exit(0);
        assert_eq!(ran.stdout.lines().count(), count, "{filter:?}: {ran:?}");
    }
    let json = place.run(&["audit", "--format", "json"]).must_exit(0).stdout;
    assert_eq!(serde_json::from_str::<Vec<Value>>(&json).unwrap().len(), 2);
    let none = place.run(&["audit", "--format", "json", "--actor", "system"]).must_exit(0).stdout;
    assert_eq!(none, "[]\n");
    let table = place.run(&["audit", "--format", "table"]).must_exit(0).stdout;
    assert!(table.starts_with("AT ") && table.lines().count() == 3 && table.contains("operator"), "{table}");
    for (wrong, says) in [
        (["--action", "x"], "action"),
        (["--from", "yesterday"], "2026-03-01"),
        (["--ip", "x"], "IP"),
        (["--limit", "0"], "whole number of at least 1"),
    ] {
        let ran = place.run(&["audit", wrong[0], wrong[1]]).must_exit(2);
        assert!(ran.stderr.contains(says), "{ran:?}");
    }
}

#[test]
fn who_is_meant_can_be_said_by_name() {
    let place = Workplace::new();
    place.create("ada", &["--email", "ada@example.org"]);
    place.create("bob", &[]);
    place.run(&["service-account", "create", "backup", "--permission", "users:read"]).must_exit(0);
    for (name, done) in
        [("ada", "user_created"), ("ADA@example.org", "user_created"), ("backup", "service_account_created")]
    {
        let ran = place.run(&["audit", "--target", name]).must_exit(0);
        assert_eq!(actions(&ran.stdout), [done], "{name}");
        assert_eq!(place.run(&["audit", "--actor", name]).must_exit(0).stdout, "", "{name}");
    }
    for option in ["--actor", "--target"] {
        place.run(&["audit", option, "eve"]).must_fail_saying(&[option, "\"eve\"", "email address", "id"]);
    }
}

#[test]
fn an_api_key_is_meant_by_its_prefix() {
    let place = Workplace::new();
    place.run(&["service-account", "create", "backup", "--permission", "users:read"]).must_exit(0);
    let key = place.run(&["api-key", "create", "backup", "nightly"]).must_exit(0).stdout;
    let ran = place.run(&["audit", "--target", &key[3..15]]).must_exit(0);
    assert_eq!(actions(&ran.stdout), ["api_key_created"]);
    assert_eq!(place.run(&["audit", "--actor", &key[3..15]]).must_exit(0).stdout, "");
}

#[test]
fn a_session_is_meant_by_its_id_and_a_signing_key_by_its_kid() {
    let place = Workplace::with(Setup::new().without("JWT_SECRET"));
    place.create("ada", &[]);
    let mut server = place.setup.clone().data(&place.file("data")).start();
    let _ = server.log_in("ada", PASSWORD);
    let kid = place.run(&["keys", "list", "--format", "json"]).must_exit(0).stdout;
    let kid = serde_json::from_str::<Value>(&kid).unwrap()[0]["kid"].as_str().unwrap().to_owned();
    for name in [&kid, &kid[..8]] {
        let seen = until("what was done to the key", || {
            let seen = actions(&place.run(&["audit", "--target", name]).must_exit(0).stdout);
            (seen.len() == 2).then_some(seen)
        });
        assert_eq!(seen, ["key_activated", "key_generated"]);
    }
    assert!(server.stop().success());
    let sessions = place.run(&["session", "list", "ada", "--json"]).must_exit(0).stdout;
    let id = records(&sessions)[0]["id"].as_str().unwrap().to_owned();
    place.run(&["session", "revoke", "ada", &id]).must_exit(0);
    let seen = actions(&place.run(&["audit", "--target", &id]).must_exit(0).stdout);
    assert_eq!(seen, ["session_revoked", "logged_in"]);
}

#[test]
fn beside_a_server_it_is_up_to_date_and_offline_it_says_what_it_lacks() {
    let place = Workplace::new();
    let server = place.setup.clone().data(&place.file("data")).start();
    let ada = server.register("ada");
    let ran = place.run(&["audit", "--target", &ada.id]).must_exit(0);
    assert_eq!(
        (actions(&ran.stdout), ran.stderr),
        (vec!["logged_in".to_owned(), "user_created".to_owned()], String::new())
    );
    let seen = until("the snapshot", || {
        let ran = place.run(&["--offline", "audit", "--target", &ada.id]).must_exit(0);
        let is_behind = ran.stderr.contains("as of the last snapshot");
        (!is_behind).then(|| actions(&ran.stdout))
    });
    assert_eq!(seen, ["logged_in", "user_created"]);
    let by_name = place.run(&["--offline", "audit", "--target", "ada"]).must_exit(0);
    assert_eq!(actions(&by_name.stdout), seen);
}

#[test]
fn what_comes_is_followed() {
    let place = Workplace::new();
    let server = place.setup.clone().data(&place.file("data")).start();
    let mut command = place.setup.command(place.path());
    let mut child = command.args(["audit", "--follow"]).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ada = server.register("ada");
    let followed = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let mut of_ada = followed.filter(|record| record["target"]["id"] == ada.id.as_str());
    assert_eq!(of_ada.next().unwrap()["action"], "user_created");
    assert_eq!(of_ada.next().unwrap()["action"], "logged_in");
    child.kill().unwrap();
    child.wait().unwrap();
}
