//! `roster import` and `roster export`

use crate::workplace::{Ran, Workplace};
use roster_tests::Setup;
use serde_json::Value;
use std::process::Stdio;

const TWO: &str =
    r#"{"ada": {"password": "nine purple kettles"}, "bob": {"username": "bob", "role": "ADMIN"}}"#;
const ONE_BROKEN: &str = "{\"username\": \"ada\"}\n{\"email\": 3}\n";

#[test]
fn an_import_reports_every_record_and_changes_nothing_when_repeated() {
    let place = Workplace::new();
    place.write("two.json", TWO);
    let first = place.run(&["import", "two.json"]).must_exit(0);
    assert!(first.stdout.starts_with("2 records: 2 imported, 0 unchanged, 0 refused\n"), "{first:?}");
    assert!(first.stdout.contains("role ADMIN taken as admin"), "{first:?}");
    let second = place.run(&["import", "two.json"]).must_exit(0);
    assert_eq!(
        second.stdout,
        "2 records: 0 imported, 2 unchanged, 0 refused\n  unchanged: records ada, bob\n"
    );
}

#[test]
fn a_dry_run_writes_nothing() {
    let place = Workplace::new();
    place.write("two.json", TWO);
    let ran = place.run(&["import", "two.json", "--dry-run"]).must_exit(0);
    assert!(ran.stdout.contains("2 imported") && ran.stdout.contains("nothing was written"), "{ran:?}");
    assert!(!place.file("data").exists(), "not even a folder");
    place.create("ada", &[]);
    let before = place.files("data");
    let ran = place.run(&["import", "two.json", "--dry-run"]).must_exit(3);
    assert!(ran.stdout.contains("1 imported, 0 unchanged, 1 refused"), "{ran:?}");
    assert_eq!(place.files("data"), before);
}

#[test]
fn whoever_only_looks_changes_nothing() {
    let place = Workplace::new();
    place.create("ada", &[]);
    let before = place.files("data");
    for looking in [&["export"][..], &["user", "list"], &["user", "show", "ada"], &["session", "list", "ada"]]
    {
        place.run(looking).must_exit(0);
    }
    assert_eq!(place.files("data"), before);
}

#[test]
fn the_report_names_whoever_came_in_and_cannot_log_in() {
    let place = Workplace::new();
    let person = |name: &str, more: &str| format!("{{\"username\": \"{name}\", {more}}}\n");
    let hash = r#""password_hash": "$2b$04$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC""#;
    let lines = [
        person("ada", hash),
        person("bob", &format!("{hash}, \"status\": \"disabled\"")),
        person("eve", &format!("{hash}, \"status\": \"pending\"")),
        person("joe", "\"disabled\": true"),
    ];
    let ran = place.run_with(&["import", "-"], &lines.concat()).must_exit(0);
    let message: Vec<_> = ran.stdout.lines().skip(1).map(str::trim).collect();
    let others = [
        "imported as is: line 1",
        "line 2: imported as bob, disabled",
        "line 3: imported as eve, pending: status says that the account awaits confirmation: pending",
    ];
    assert_eq!(message[..3], others);
    assert!(
        message.len() == 4 && message[3].starts_with("line 4: imported as joe, disabled: no password"),
        "{message:?}"
    );
}

#[test]
fn an_import_waits_where_the_queue_of_hashes_is_full() {
    let place = Workplace::with(Setup::new().set("password.queue_limit", "1"));
    let person = |n| format!("{{\"username\": \"u{n}\", \"password\": \"nine purple kettles {n}\"}}\n");
    let people = (0..100).map(person).collect::<String>();
    let ran = place.run_with(&["import", "-", "--plain-text-passwords"], &people).must_exit(0);
    assert!(ran.stdout.starts_with("100 records: 100 imported"), "{ran:?}");
}

#[test]
fn an_import_that_refuses_a_record_takes_the_others_and_exits_with_3() {
    let place = Workplace::new();
    let ran = place.run_with(&["import", "-", "--report", "json"], ONE_BROKEN).must_exit(3);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&report["imported"], &report["refused"]), (&1.into(), &1.into()));
    assert_eq!(report["records"][1]["outcome"], "refused");
    assert_eq!(report["records"][1]["line"], 2);
}

#[test]
fn what_comes_through_a_pipe_leaves_no_file_behind() {
    let place = Workplace::new();
    place.create("ada", &[]);
    let before = place.files("data");
    place.run_with(&["import", "-", "--dry-run"], ONE_BROKEN).must_exit(3);
    assert_eq!(place.files("data"), before);
}

#[test]
fn the_report_in_json_has_the_same_records_as_in_text() {
    let place = Workplace::new();
    let lines = (0..200)
        .map(|n| format!("{{\"username\": \"u{n}\", \"locked\": true}}\n"))
        .collect::<Vec<_>>()
        .concat();
    let text = place.run_with(&["import", "-", "--dry-run"], &lines).must_exit(0).stdout;
    let json = place.run_with(&["import", "-", "--dry-run", "--report", "json"], &lines).must_exit(0).stdout;
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&report["total"], report["records"].as_array().map(Vec::len)), (&200.into(), Some(200)));
    assert!(json.starts_with("{\n  \"dry_run\": true,\n") && json.ends_with("\n    }\n  ]\n}\n"), "{json}");
    for (record, line) in report["records"].as_array().unwrap().iter().zip(text.lines().skip(1)) {
        let note = record["reported"][0].as_str().unwrap();
        assert!(line.contains(record["username"].as_str().unwrap()) && line.contains(note), "{line}");
    }
}

#[test]
fn a_role_mapping_that_is_none_is_wrong_usage() {
    let place = Workplace::new();
    place.write("two.json", TWO);
    for mapping in ["admin", "=admin", "is_superuser=No Role"] {
        place.run(&["import", "two.json", "--map-role", mapping]).must_exit(2);
    }
    let ran = place.run(&["import", "two.json", "--dry-run", "--map-role", "staff=admin"]).must_exit(0);
    assert!(ran.stdout.contains("--map-role staff=admin: no record has"), "{ran:?}");
}

#[test]
fn a_file_that_cannot_be_imported_is_named() {
    let place = Workplace::new();
    place.run(&["import", "absent.json"]).must_fail_saying(&["absent.json", "No such file"]);
    place.write("text.json", "hello");
    place.run(&["import", "text.json"]).must_fail_saying(&["text.json", "not JSON"]);
    place.run_with(&["import", "-"], "").must_fail_saying(&["stdin", "empty"]);
    place.run(&["import"]).must_exit(2);
}

#[test]
fn an_export_with_hashes_can_be_imported_elsewhere_and_the_passwords_still_work() {
    let here = Workplace::new();
    here.create("ada", &["--email", "ada@example.org"]);
    let exported = here.run(&["export", "--with-hashes"]).must_exit(0);
    assert!(exported.stdout.contains("\"password_hash\":\"$2b$04$"), "{exported:?}");
    let there = Workplace::new();
    there.run_with(&["import", "-"], &exported.stdout).must_exit(0);
    let server = there.setup.clone().data(&there.file("data")).start();
    assert_eq!(server.log_in("ada@example.org", "nine purple kettles").username, "ada");
}

#[test]
fn an_export_comes_in_three_formats_and_without_hashes_unless_asked() {
    let place = Workplace::new();
    place.create("ada", &[]);
    let exported = |format: &str| place.run(&["export", "--format", format]).must_exit(0).stdout;
    let line: Value = serde_json::from_str(&exported("ndjson")).unwrap();
    let array: Value = serde_json::from_str(&exported("json")).unwrap();
    assert_eq!(array, Value::Array(vec![line]));
    let table = exported("csv");
    assert!(table.starts_with("id,username,") && table.lines().nth(1).unwrap().contains(",ada,"), "{table}");
    for format in ["ndjson", "json", "csv"] {
        assert!(!exported(format).contains("$2b$"), "{format}");
    }
    place.run(&["export", "--format", "xml"]).must_exit(2);
}

#[test]
fn an_exported_file_is_private_and_replaces_nothing_unless_told() {
    let place = Workplace::new();
    place.create("ada", &[]);
    let ran = place.run(&["export", "--output", "users.ndjson"]).must_exit(0);
    assert_eq!((ran.stdout.as_str(), place.mode("users.ndjson")), ("", 0o600));
    let before = place.read("users.ndjson");
    place.create("bob", &[]);
    place.run(&["export", "-o", "users.ndjson"]).must_fail_saying(&["users.ndjson", "--force"]);
    assert_eq!(place.read("users.ndjson"), before);
    place.run(&["export", "-o", "users.ndjson", "--force"]).must_exit(0);
    assert_eq!(place.read("users.ndjson").lines().count(), 2);
    place.run(&["export", "-o", "no/such/folder"]).must_fail_saying(&["no/such/folder"]);
    place
        .run(&["export", "-o", "/dev/null", "--force"])
        .must_fail_saying(&["/dev/null", "not a regular file"]);
}

#[test]
fn a_reader_that_goes_away_early_is_no_failure() {
    let place = Workplace::new();
    // More than a pipe holds.
    let people =
        (0..2000).map(|n| format!("{{\"username\": \"u{n}\", \"display_name\": \"{}\"}}\n", "x".repeat(100)));
    place.run_with(&["import", "-"], &people.collect::<String>()).must_exit(0);
    for arguments in [&["export"][..], &["user", "list"], &["user", "list", "--json"]] {
        let mut command = place.setup.command(place.path());
        let mut child =
            command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let ran = Ran::of(&child.wait_with_output().unwrap()).must_exit(0);
        assert_eq!(ran.stderr, "", "{arguments:?}");
    }
}

#[test]
fn a_server_imports_before_it_serves_and_serves_though_a_record_was_refused() {
    let place = Workplace::with(Setup::new().set("server.port", "70000"));
    place.write("people.ndjson", ONE_BROKEN);
    // The bad port stops it only after the settings were read: nothing is imported.
    place.run(&["serve", "--import", "people.ndjson"]).must_exit(1);
    assert!(!place.file("data").exists());
    // After the import the first administrator is made, which an unfit password prevents.
    let place = Workplace::with(Setup::new().env("ROSTER_ADMIN_PASSWORD", "short"));
    place.write("people.ndjson", ONE_BROKEN);
    let ran = place.run(&["serve", "--import", "people.ndjson"]).must_exit(1);
    assert!(ran.stderr.contains("\"imported\":1") && ran.stderr.contains("not imported"), "{ran:?}");
    assert!(ran.stderr.contains("error: ") && ran.stderr.contains("at least 8"), "{ran:?}");
    assert_eq!(place.run(&["user", "list", "--json"]).must_exit(0).stdout.lines().count(), 1);
}

#[test]
fn a_server_imports_by_the_rules_of_roster_import() {
    let place = Workplace::with(Setup::new().env("ROSTER_ADMIN_PASSWORD", "short"));
    place.write("people.ndjson", "{\"username\":\"ben\",\"password\":\"a text that is a password\"}\n");
    let arguments = ["serve", "--import", "people.ndjson", "--plain-text-passwords"];
    let ran = place.run(&arguments).must_exit(1);
    assert!(ran.stderr.contains("at least 8"), "{ran:?}");
    let ben = place.run(&["user", "show", "ben", "--json"]).must_exit(0).stdout;
    assert!(ben.contains("\"status\":\"active\""), "{ben}");
    place.run(&["serve", "--keep-ids"]).must_fail_saying(&["add --import FILE"]);
}
