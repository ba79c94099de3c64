//! `roster import` and `roster export`

use crate::sandbox::{CommandResult, Sandbox};
use roster_tests::Setup;
use serde_json::Value;
use std::process::Stdio;

const TWO_USERS: &str =
    r#"{"ada": {"password": "nine purple kettles"}, "bob": {"username": "bob", "role": "ADMIN"}}"#;
const ONE_INVALID: &str = "{\"username\": \"ada\"}\n{\"email\": 3}\n";

#[test]
fn an_import_reports_every_record_and_repeating_it_changes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("two.json", TWO_USERS);
    let first = sandbox.run(&["import", "two.json"]).must_exit(0);
    assert!(first.stdout.starts_with("2 records: 2 imported, 0 unchanged, 0 refused\n"), "{first:?}");
    assert!(first.stdout.contains("role ADMIN taken as admin"), "{first:?}");
    let second = sandbox.run(&["import", "two.json"]).must_exit(0);
    assert_eq!(
        second.stdout,
        "2 records: 0 imported, 2 unchanged, 0 refused\n  unchanged, because these users exist already: records ada, bob\n"
    );
}

#[test]
fn a_dry_run_writes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("two.json", TWO_USERS);
    let result = sandbox.run(&["import", "two.json", "--dry-run"]).must_exit(0);
    assert!(
        result.stdout.contains("2 imported") && result.stdout.contains("nothing was written"),
        "{result:?}"
    );
    assert!(!sandbox.file("data").exists(), "a dry run does not even create the folder");
    sandbox.create("ada", &[]);
    let before = sandbox.files("data");
    let result = sandbox.run(&["import", "two.json", "--dry-run"]).must_exit(3);
    assert!(result.stdout.contains("1 imported, 0 unchanged, 1 refused"), "{result:?}");
    assert_eq!(sandbox.files("data"), before);
}

#[test]
fn read_only_commands_change_no_file() {
    let sandbox = Sandbox::new();
    sandbox.create("ada", &[]);
    let before = sandbox.files("data");
    for looking in [&["export"][..], &["user", "list"], &["user", "show", "ada"], &["session", "list", "ada"]]
    {
        sandbox.run(looking).must_exit(0);
    }
    assert_eq!(sandbox.files("data"), before);
}

#[test]
fn the_report_names_imported_users_who_cannot_log_in() {
    let sandbox = Sandbox::new();
    let person = |name: &str, more: &str| format!("{{\"username\": \"{name}\", {more}}}\n");
    let hash = r#""password_hash": "$2b$04$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC""#;
    let lines = [
        person("ada", hash),
        person("bob", &format!("{hash}, \"status\": \"disabled\"")),
        person("eve", &format!("{hash}, \"status\": \"pending\"")),
        person("joe", "\"disabled\": true"),
    ];
    let result = sandbox.run_with(&["import", "-"], &lines.concat()).must_exit(0);
    let notes: Vec<_> = result.stdout.lines().skip(1).map(str::trim).collect();
    let others = [
        "imported as is: line 1",
        "line 2: imported as bob, disabled",
        "line 3: imported as eve, pending: status says that the account awaits confirmation: pending",
    ];
    assert_eq!(notes[..3], others);
    assert!(
        notes.len() == 4 && notes[3].starts_with("line 4: imported as joe, disabled: no password"),
        "{notes:?}"
    );
}

#[test]
fn an_import_waits_when_the_hash_queue_is_full() {
    let sandbox = Sandbox::with(Setup::new().set("password.queue_limit", "1"));
    let person = |n| format!("{{\"username\": \"u{n}\", \"password\": \"nine purple kettles {n}\"}}\n");
    let people = (0..100).map(person).collect::<String>();
    let result = sandbox.run_with(&["import", "-", "--plain-text-passwords"], &people).must_exit(0);
    assert!(result.stdout.starts_with("100 records: 100 imported"), "{result:?}");
}

#[test]
fn an_import_with_a_rejected_record_imports_the_rest_and_exits_with_3() {
    let sandbox = Sandbox::new();
    let result = sandbox.run_with(&["import", "-", "--report", "json"], ONE_INVALID).must_exit(3);
    let report: Value = serde_json::from_str(&result.stdout).unwrap();
    assert_eq!((&report["imported"], &report["refused"]), (&1.into(), &1.into()));
    assert_eq!(report["records"][1]["outcome"], "refused");
    assert_eq!(report["records"][1]["line"], 2);
}

#[test]
fn an_import_from_a_pipe_leaves_no_temporary_file() {
    let sandbox = Sandbox::new();
    sandbox.create("ada", &[]);
    let before = sandbox.files("data");
    sandbox.run_with(&["import", "-", "--dry-run"], ONE_INVALID).must_exit(3);
    assert_eq!(sandbox.files("data"), before);
}

#[test]
fn the_json_report_has_the_same_records_as_the_text_report() {
    let sandbox = Sandbox::new();
    let lines = (0..200)
        .map(|n| format!("{{\"username\": \"u{n}\", \"locked\": true}}\n"))
        .collect::<Vec<_>>()
        .concat();
    let text = sandbox.run_with(&["import", "-", "--dry-run"], &lines).must_exit(0).stdout;
    let json =
        sandbox.run_with(&["import", "-", "--dry-run", "--report", "json"], &lines).must_exit(0).stdout;
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&report["total"], report["records"].as_array().map(Vec::len)), (&200.into(), Some(200)));
    assert!(json.starts_with("{\n  \"dry_run\": true,\n") && json.ends_with("\n    }\n  ]\n}\n"), "{json}");
    for (record, line) in report["records"].as_array().unwrap().iter().zip(text.lines().skip(1)) {
        let note = record["reported"][0].as_str().unwrap();
        assert!(line.contains(record["username"].as_str().unwrap()) && line.contains(note), "{line}");
    }
}

#[test]
fn an_invalid_role_mapping_is_a_usage_error() {
    let sandbox = Sandbox::new();
    sandbox.write("two.json", TWO_USERS);
    for mapping in ["admin", "=admin", "is_superuser=No Role"] {
        sandbox.run(&["import", "two.json", "--map-role", mapping]).must_exit(2);
    }
    let result = sandbox.run(&["import", "two.json", "--dry-run", "--map-role", "staff=admin"]).must_exit(0);
    assert!(result.stdout.contains("--map-role staff=admin: no record has"), "{result:?}");
}

#[test]
fn an_import_error_names_the_file() {
    let sandbox = Sandbox::new();
    sandbox.run(&["import", "absent.json"]).must_fail_with(&["absent.json", "No such file"]);
    sandbox.write("text.json", "hello");
    sandbox.run(&["import", "text.json"]).must_fail_with(&["text.json", "not JSON"]);
    sandbox.run_with(&["import", "-"], "").must_fail_with(&["stdin", "empty"]);
    sandbox.run(&["import"]).must_exit(2);
}

#[test]
fn an_export_with_hashes_keeps_passwords_working_after_an_import() {
    let here = Sandbox::new();
    here.create("ada", &["--email", "ada@example.org"]);
    let exported = here.run(&["export", "--with-hashes"]).must_exit(0);
    assert!(exported.stdout.contains("\"password_hash\":\"$2b$04$"), "{exported:?}");
    let there = Sandbox::new();
    there.run_with(&["import", "-"], &exported.stdout).must_exit(0);
    let server = there.setup.clone().data(&there.file("data")).start();
    assert_eq!(server.log_in("ada@example.org", "nine purple kettles").username, "ada");
}

#[test]
fn three_export_formats_exist_and_omit_hashes_by_default() {
    let sandbox = Sandbox::new();
    sandbox.create("ada", &[]);
    let exported = |format: &str| sandbox.run(&["export", "--format", format]).must_exit(0).stdout;
    let line: Value = serde_json::from_str(&exported("ndjson")).unwrap();
    let array: Value = serde_json::from_str(&exported("json")).unwrap();
    assert_eq!(array, Value::Array(vec![line]));
    let table = exported("csv");
    assert!(table.starts_with("id,username,") && table.lines().nth(1).unwrap().contains(",ada,"), "{table}");
    for format in ["ndjson", "json", "csv"] {
        assert!(!exported(format).contains("$2b$"), "{format}");
    }
    sandbox.run(&["export", "--format", "xml"]).must_exit(2);
}

#[test]
fn an_export_file_is_private_and_only_overwritten_with_force() {
    let sandbox = Sandbox::new();
    sandbox.create("ada", &[]);
    let result = sandbox.run(&["export", "--output", "users.ndjson"]).must_exit(0);
    assert_eq!((result.stdout.as_str(), sandbox.mode("users.ndjson")), ("", 0o600));
    let before = sandbox.read("users.ndjson");
    sandbox.create("bob", &[]);
    sandbox.run(&["export", "-o", "users.ndjson"]).must_fail_with(&["users.ndjson", "--force"]);
    assert_eq!(sandbox.read("users.ndjson"), before);
    sandbox.run(&["export", "-o", "users.ndjson", "--force"]).must_exit(0);
    assert_eq!(sandbox.read("users.ndjson").lines().count(), 2);
    sandbox.run(&["export", "-o", "no/such/folder"]).must_fail_with(&["no/such/folder"]);
    sandbox
        .run(&["export", "-o", "/dev/null", "--force"])
        .must_fail_with(&["/dev/null", "not a regular file"]);
}

#[test]
fn a_reader_that_closes_the_pipe_early_is_not_an_error() {
    let sandbox = Sandbox::new();
    // More than fits into a pipe buffer.
    let people =
        (0..2000).map(|n| format!("{{\"username\": \"u{n}\", \"display_name\": \"{}\"}}\n", "x".repeat(100)));
    sandbox.run_with(&["import", "-"], &people.collect::<String>()).must_exit(0);
    for arguments in [&["export"][..], &["user", "list"], &["user", "list", "--json"]] {
        let mut command = sandbox.setup.command(sandbox.path());
        let mut child =
            command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let result = CommandResult::of(&child.wait_with_output().unwrap()).must_exit(0);
        assert_eq!(result.stderr, "", "{arguments:?}");
    }
}

#[test]
fn serve_imports_before_it_starts_despite_rejected_records() {
    let sandbox = Sandbox::with(Setup::new().set("server.port", "70000"));
    sandbox.write("people.ndjson", ONE_INVALID);
    // An invalid port stops the server before the import.
    sandbox.run(&["serve", "--import", "people.ndjson"]).must_exit(1);
    assert!(!sandbox.file("data").exists());
    // An invalid administrator password stops the server after the import.
    let sandbox = Sandbox::with(Setup::new().env("ROSTER_ADMIN_PASSWORD", "short"));
    sandbox.write("people.ndjson", ONE_INVALID);
    let result = sandbox.run(&["serve", "--import", "people.ndjson"]).must_exit(1);
    assert!(result.stderr.contains("\"imported\":1") && result.stderr.contains("not imported"), "{result:?}");
    assert!(result.stderr.contains("error: ") && result.stderr.contains("at least 8"), "{result:?}");
    assert_eq!(sandbox.run(&["user", "list", "--json"]).must_exit(0).stdout.lines().count(), 1);
}

#[test]
fn serve_accepts_the_options_of_import() {
    let sandbox = Sandbox::with(Setup::new().env("ROSTER_ADMIN_PASSWORD", "short"));
    sandbox.write("people.ndjson", "{\"username\":\"ben\",\"password\":\"a text that is a password\"}\n");
    let arguments = ["serve", "--import", "people.ndjson", "--plain-text-passwords"];
    let result = sandbox.run(&arguments).must_exit(1);
    assert!(result.stderr.contains("at least 8"), "{result:?}");
    let ben = sandbox.run(&["user", "show", "ben", "--json"]).must_exit(0).stdout;
    assert!(ben.contains("\"status\":\"active\""), "{ben}");
    sandbox.run(&["serve", "--keep-ids"]).must_fail_with(&["add --import FILE"]);
}
