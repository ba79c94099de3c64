//! `roster audit`

use crate::sandbox::Sandbox;
use roster_tests::{PASSWORD, Setup, wait_for};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;

fn records(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn actions(text: &str) -> Vec<String> {
    records(text).iter().map(|record| record["action"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn changes_made_on_the_command_line_are_listed_newest_first() {
    let sandbox = Sandbox::new();
    sandbox.create("ada", &[]);
    sandbox.run(&["user", "disable", "ada"]).must_exit(0);
    let result = sandbox.run(&["audit"]).must_exit(0);
    assert_eq!(actions(&result.stdout), ["user_updated", "user_created"]);
    assert_eq!(result.stderr, "");
    let newest = &records(&result.stdout)[0];
    assert_eq!(
        newest["actor"],
        serde_json::json!({ "kind": "operator", "id": null, "api_key": null, "name": null })
    );
    assert_eq!(newest["changed"], serde_json::json!(["status"]));
    assert!(newest["ip"].is_null() && newest["count"] == 1);
}

#[test]
fn audit_filters_and_output_formats_work() {
    let sandbox = Sandbox::new();
    sandbox.create("ada", &["--email", "ada@example.org"]);
    sandbox.run(&["user", "disable", "ada"]).must_exit(0);
    let id =
        records(&sandbox.run(&["audit"]).must_exit(0).stdout)[0]["target"]["id"].as_str().unwrap().to_owned();
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
        let result = sandbox.run(&[&["audit"], filter].concat()).must_exit(0);
        assert_eq!(result.stdout.lines().count(), count, "{filter:?}: {result:?}");
    }
    let json = sandbox.run(&["audit", "--format", "json"]).must_exit(0).stdout;
    assert_eq!(serde_json::from_str::<Vec<Value>>(&json).unwrap().len(), 2);
    let none = sandbox.run(&["audit", "--format", "json", "--actor", "system"]).must_exit(0).stdout;
    assert_eq!(none, "[]\n");
    let table = sandbox.run(&["audit", "--format", "table"]).must_exit(0).stdout;
    assert!(table.starts_with("AT ") && table.lines().count() == 3 && table.contains("operator"), "{table}");
    for (wrong, says) in [
        (["--action", "x"], "action"),
        (["--from", "yesterday"], "2026-03-01"),
        (["--ip", "x"], "IP"),
        (["--limit", "0"], "whole number of at least 1"),
    ] {
        let result = sandbox.run(&["audit", wrong[0], wrong[1]]).must_exit(2);
        assert!(result.stderr.contains(says), "{result:?}");
    }
}

#[test]
fn users_and_service_accounts_can_be_filtered_by_name() {
    let sandbox = Sandbox::new();
    sandbox.create("ada", &["--email", "ada@example.org"]);
    sandbox.create("bob", &[]);
    sandbox.run(&["service-account", "create", "backup", "--permission", "users:read"]).must_exit(0);
    for (name, done) in
        [("ada", "user_created"), ("ADA@example.org", "user_created"), ("backup", "service_account_created")]
    {
        let result = sandbox.run(&["audit", "--target", name]).must_exit(0);
        assert_eq!(actions(&result.stdout), [done], "{name}");
        assert_eq!(sandbox.run(&["audit", "--actor", name]).must_exit(0).stdout, "", "{name}");
    }
    for option in ["--actor", "--target"] {
        sandbox.run(&["audit", option, "eve"]).must_fail_with(&[option, "\"eve\"", "email address", "id"]);
    }
}

#[test]
fn api_keys_can_be_filtered_by_prefix() {
    let sandbox = Sandbox::new();
    sandbox.run(&["service-account", "create", "backup", "--permission", "users:read"]).must_exit(0);
    let key = sandbox.run(&["api-key", "create", "backup", "nightly"]).must_exit(0).stdout;
    let result = sandbox.run(&["audit", "--target", &key[3..15]]).must_exit(0);
    assert_eq!(actions(&result.stdout), ["api_key_created"]);
    assert_eq!(sandbox.run(&["audit", "--actor", &key[3..15]]).must_exit(0).stdout, "");
}

#[test]
fn sessions_can_be_filtered_by_id_and_signing_keys_by_kid() {
    let sandbox = Sandbox::with(Setup::new().without("JWT_SECRET"));
    sandbox.create("ada", &[]);
    let mut server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    let _ = server.log_in("ada", PASSWORD);
    let kid = sandbox.run(&["keys", "list", "--format", "json"]).must_exit(0).stdout;
    let kid = serde_json::from_str::<Value>(&kid).unwrap()[0]["kid"].as_str().unwrap().to_owned();
    for name in [&kid, &kid[..8]] {
        let found = wait_for("the records of the key", || {
            let found = actions(&sandbox.run(&["audit", "--target", name]).must_exit(0).stdout);
            (found.len() == 2).then_some(found)
        });
        assert_eq!(found, ["key_activated", "key_generated"]);
    }
    assert!(server.stop().success());
    let sessions = sandbox.run(&["session", "list", "ada", "--json"]).must_exit(0).stdout;
    let id = records(&sessions)[0]["id"].as_str().unwrap().to_owned();
    sandbox.run(&["session", "revoke", "ada", &id]).must_exit(0);
    let found = actions(&sandbox.run(&["audit", "--target", &id]).must_exit(0).stdout);
    assert_eq!(found, ["session_revoked", "logged_in"]);
}

#[test]
fn audit_reads_current_records_from_a_server_and_offline_reports_what_is_missing() {
    let sandbox = Sandbox::new();
    let server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    let ada = server.register("ada");
    let result = sandbox.run(&["audit", "--target", &ada.id]).must_exit(0);
    assert_eq!(
        (actions(&result.stdout), result.stderr),
        (vec!["logged_in".to_owned(), "user_created".to_owned()], String::new())
    );
    let found = wait_for("the snapshot", || {
        let result = sandbox.run(&["--offline", "audit", "--target", &ada.id]).must_exit(0);
        let is_behind = result.stderr.contains("as of the last snapshot");
        (!is_behind).then(|| actions(&result.stdout))
    });
    assert_eq!(found, ["logged_in", "user_created"]);
    let by_name = sandbox.run(&["--offline", "audit", "--target", "ada"]).must_exit(0);
    assert_eq!(actions(&by_name.stdout), found);
}

/// A command that follows the log, and the lines that it prints.
fn follow(sandbox: &Sandbox) -> (Child, Receiver<String>) {
    let mut command = sandbox.setup.command(sandbox.path());
    let mut child = command.args(["audit", "--follow"]).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (sender, printed) = mpsc::channel();
    thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
    (child, printed)
}

#[test]
fn follow_prints_new_records() {
    let sandbox = Sandbox::new();
    let server = sandbox.setup.clone().data(&sandbox.file("data")).start();
    let (mut child, printed) = follow(&sandbox);
    // The command does not print records that are older than its start.
    let mut names = (0..).map(|number| format!("early{number}"));
    wait_for("the command to follow the log", || {
        let _ = server.register_only(&names.next().unwrap());
        printed.try_recv().ok()
    });
    let ada = server.register("ada");
    let followed = printed.iter().map(|line| serde_json::from_str::<Value>(&line).unwrap());
    let mut of_ada = followed.filter(|record| record["target"]["id"] == ada.id.as_str());
    assert_eq!(of_ada.next().unwrap()["action"], "user_created");
    assert_eq!(of_ada.next().unwrap()["action"], "logged_in");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn follow_prints_new_records_without_a_server() {
    let sandbox = Sandbox::new();
    sandbox.create("ada", &[]);
    let (mut child, printed) = follow(&sandbox);
    let mut names = (0..).map(|number| format!("next{number}"));
    let record = wait_for("the command to follow the log", || {
        assert!(child.try_wait().unwrap().is_none(), "it goes on");
        sandbox.create(&names.next().unwrap(), &[]);
        printed.try_recv().ok()
    });
    let record: Value = serde_json::from_str(&record).unwrap();
    assert!(record["target"]["name"].as_str().unwrap().starts_with("next"), "{record}");
    child.kill().unwrap();
    child.wait().unwrap();
}
