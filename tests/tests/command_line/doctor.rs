//! `roster doctor`

use crate::backups::{backed_up, serve};
use crate::sandbox::Sandbox;
use roster_tests::{Engine, Setup};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn findings(sandbox: &Sandbox, code: i32) -> Vec<Value> {
    let before = sandbox.files("data");
    let result = sandbox.run(&["doctor", "--json"]).must_exit(code);
    assert_eq!(sandbox.files("data").len(), before.len(), "doctor must not create or remove files");
    let report: Value = serde_json::from_str(&result.stdout).unwrap();
    report["findings"].as_array().unwrap().clone()
}

/// Checks that `doctor` reports exactly one fault, with these words and a remedy.
fn must_find(sandbox: &Sandbox, words: &[&str]) {
    let found = findings(sandbox, 3);
    let faults: Vec<_> = found.iter().filter(|finding| finding["level"] == "fault").collect();
    assert_eq!(faults.len(), 1, "{faults:#?}");
    let message = faults[0].to_string();
    for word in words {
        assert!(message.contains(word), "{word} is not in: {message}");
    }
    assert!(!faults[0]["remedy"].as_str().unwrap().is_empty());
    let shown = sandbox.run(&["doctor"]).must_exit(3).stdout;
    assert!(shown.ends_with("1 fault found\n"), "{shown}");
}

fn change(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_healthy_store_has_no_findings_with_or_without_a_server() {
    let (sandbox, _) = backed_up();
    assert_eq!(findings(&sandbox, 0), Vec::<Value>::new());
    let server = serve(&sandbox);
    let _ = server.register("bob");
    let result = sandbox.run(&["doctor"]).must_exit(0);
    if Engine::of_this_test() != Engine::Postgres {
        assert!(result.stderr.contains("a server has this store open"), "{result:?}");
    }
    assert_eq!(result.stdout, "no faults found\n");
}

#[test]
fn a_deleted_key_folder_is_noted_unless_a_secret_signs() {
    Engine::Json.only();
    let (sandbox, _) = backed_up();
    let without_secret = Sandbox::with(Setup::new().without("JWT_SECRET").data(&sandbox.file("data")));
    let _ = fs::remove_dir_all(sandbox.file("data/keys"));
    let found = without_secret.run(&["doctor"]).must_exit(0).stdout;
    assert!(found.contains("there are no signing keys"), "{found}");
    let with_secret = Sandbox::with(Setup::new().data(&sandbox.file("data")));
    assert_eq!(with_secret.run(&["doctor"]).must_exit(0).stdout, "no faults found\n");
}

#[test]
fn a_missing_store_is_a_fault() {
    crate::backups::sandbox().run(&["doctor"]).must_exit(3);
}

#[test]
fn a_role_that_may_only_read_is_a_fault() {
    Engine::Postgres.only();
    let (sandbox, _) = backed_up();
    let url = sandbox.setup.database_url(sandbox.path());
    let url = format!("{url}?options=-c%20role%3Dpg_read_all_data");
    let reader = Sandbox::with(Setup::new().set("storage.url", &url).data(&sandbox.file("data")));
    let found = reader.run(&["doctor"]).must_exit(3).stdout;
    assert!(found.contains("INSERT on audit") && found.ends_with("1 fault found\n"), "{found}");
}

#[test]
fn a_world_readable_file_is_reported() {
    Engine::Json.only();
    let (sandbox, _) = backed_up();
    let path = sandbox.file("data/users.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    must_find(&sandbox, &["users.json", "0644", "chmod 600"]);
}

#[test]
fn an_edit_is_reported_before_the_next_start_adopts_it() {
    Engine::Json.only();
    let (sandbox, _) = backed_up();
    change(&sandbox.file("data/users.json"), "ada@example.org", "eda@example.org");
    must_find(&sandbox, &["digest", "ends every session"]);
}

#[test]
fn a_store_without_an_administrator_is_reported() {
    Engine::Json.only();
    let (sandbox, _) = backed_up();
    let users = sandbox.file("data/users.json");
    change(&users, "\"admin\"", "\"user\"");
    let found = findings(&sandbox, 3);
    assert!(found.iter().any(|finding| finding.to_string().contains("no active administrator")), "{found:?}");
}

#[test]
fn duplicate_usernames_are_reported() {
    Engine::Json.only();
    let (sandbox, _) = backed_up();
    change(&sandbox.file("data/users.json"), "\"site-admin\"", "\"ada\"");
    must_find(&sandbox, &["belongs to another"]);
}

#[test]
fn a_damaged_audit_record_is_reported() {
    Engine::Json.only();
    let (sandbox, _) = backed_up();
    change(&sandbox.file("data/audit.ndjson"), "\"actor\"", "\"act");
    must_find(&sandbox, &["audit.ndjson", "line 1"]);
}

#[test]
fn audit_records_out_of_order_are_reported() {
    Engine::Json.only();
    let (sandbox, _) = backed_up();
    let path = sandbox.file("data/audit.ndjson");
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<_> = text.lines().collect();
    lines.swap(1, 2);
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    must_find(&sandbox, &["line 3", "number"]);
}

#[test]
fn a_missing_private_key_file_is_reported() {
    Engine::Json.only();
    let (sandbox, _) = backed_up();
    let entries = fs::read_dir(sandbox.file("data/keys")).unwrap().map(|entry| entry.unwrap().path());
    let private = entries.into_iter().find(|path| path.extension().is_some_and(|end| end == "pem")).unwrap();
    fs::remove_file(private).unwrap();
    must_find(&sandbox, &["is missing", "roster keys generate"]);
}

#[test]
fn a_newer_format_version_is_reported() {
    Engine::Json.only();
    let (sandbox, _) = backed_up();
    change(&sandbox.file("data/users.json"), "\"version\": 2", "\"version\": 99");
    must_find(&sandbox, &["format version 99"]);
}

#[test]
fn a_replaced_store_is_reported_as_a_note() {
    let (sandbox, _) = backed_up();
    sandbox.run(&["restore", "roster.backup", "--replace"]).must_exit(0);
    let found = findings(&sandbox, 0);
    assert!(found.len() == 1 && found[0]["level"] == "note", "{found:?}");
}

#[test]
fn a_pipe_in_place_of_a_file_is_reported_and_does_not_block() {
    Engine::Json.only();
    for name in ["users.json", "audit.ndjson", "sessions.json", "roster.lock", "restore.json"] {
        let (sandbox, _) = backed_up();
        let path = sandbox.file("data").join(name);
        let _ = fs::remove_file(&path);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let found = sandbox.run(&["doctor"]).must_exit(3).stdout;
        assert!(found.contains(name) && found.contains("file"), "{found}");
        sandbox.run(&["restore", "roster.backup", "--replace"]).must_exit(1);
    }
}
