//! `roster doctor`

use crate::backups::{backed_up, serve};
use crate::workplace::Workplace;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn findings(place: &Workplace, code: i32) -> Vec<Value> {
    let before = place.files("data");
    let ran = place.run(&["doctor", "--json"]).must_exit(code);
    assert_eq!(place.files("data").len(), before.len(), "it changes nothing");
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    report["findings"].as_array().unwrap().clone()
}

/// Checks that there is one fault, with these words, and a remedy.
fn finds(place: &Workplace, words: &[&str]) {
    let found = findings(place, 3);
    let faults: Vec<_> = found.iter().filter(|finding| finding["level"] == "fault").collect();
    assert_eq!(faults.len(), 1, "{faults:#?}");
    let message = faults[0].to_string();
    for word in words {
        assert!(message.contains(word), "{word} is not in: {message}");
    }
    assert!(!faults[0]["remedy"].as_str().unwrap().is_empty());
    let shown = place.run(&["doctor"]).must_exit(3).stdout;
    assert!(shown.ends_with("1 fault found\n"), "{shown}");
}

fn change(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_sound_store_has_no_fault_stopped_or_served() {
    let (place, _) = backed_up();
    assert_eq!(findings(&place, 0), Vec::<Value>::new());
    let server = serve(&place);
    let _ = server.register("bob");
    let ran = place.run(&["doctor"]).must_exit(0);
    assert!(ran.stderr.contains("a server has this store open"), "{ran:?}");
    assert_eq!(ran.stdout, "no faults found\n");
}

#[test]
fn a_place_without_a_store_is_a_fault() {
    crate::backups::place().run(&["doctor"]).must_exit(3);
}

#[test]
fn a_file_that_others_may_read_is_found() {
    let (place, _) = backed_up();
    let path = place.file("data/users.json");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    finds(&place, &["users.json", "0644", "chmod 600"]);
}

#[test]
fn an_edit_is_found_before_the_next_start_takes_it_over() {
    let (place, _) = backed_up();
    change(&place.file("data/users.json"), "ada@example.org", "eda@example.org");
    finds(&place, &["digest", "ends every session"]);
}

#[test]
fn a_store_without_an_administrator_is_found() {
    let (place, _) = backed_up();
    let users = place.file("data/users.json");
    change(&users, "\"admin\"", "\"user\"");
    let found = findings(&place, 3);
    assert!(found.iter().any(|finding| finding.to_string().contains("no active administrator")), "{found:?}");
}

#[test]
fn two_people_of_one_name_are_found() {
    let (place, _) = backed_up();
    change(&place.file("data/users.json"), "\"site-admin\"", "\"ada\"");
    finds(&place, &["belongs to another"]);
}

#[test]
fn a_damaged_line_of_the_audit_log_is_found() {
    let (place, _) = backed_up();
    change(&place.file("data/audit.ndjson"), "\"actor\"", "\"act");
    finds(&place, &["audit.ndjson", "line 1"]);
}

#[test]
fn records_out_of_order_are_found() {
    let (place, _) = backed_up();
    let path = place.file("data/audit.ndjson");
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<_> = text.lines().collect();
    lines.swap(1, 2);
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    finds(&place, &["line 3", "number"]);
}

#[test]
fn a_signing_key_without_its_private_half_is_found() {
    let (place, _) = backed_up();
    let entries = fs::read_dir(place.file("data/keys")).unwrap().map(|entry| entry.unwrap().path());
    let private = entries.into_iter().find(|path| path.extension().is_some_and(|end| end == "pem")).unwrap();
    fs::remove_file(private).unwrap();
    finds(&place, &["is missing", "roster keys generate"]);
}

#[test]
fn a_newer_format_is_found() {
    let (place, _) = backed_up();
    change(&place.file("data/users.json"), "\"version\": 2", "\"version\": 99");
    finds(&place, &["format version 99"]);
}

#[test]
fn what_a_replaced_store_leaves_is_a_note() {
    let (place, _) = backed_up();
    place.run(&["restore", "roster.backup", "--replace"]).must_exit(0);
    let found = findings(&place, 0);
    assert!(found.len() == 1 && found[0]["level"] == "note", "{found:?}");
}

#[test]
fn a_pipe_under_the_name_of_a_file_is_found_and_nobody_waits_for_it() {
    for name in ["users.json", "audit.ndjson", "sessions.json", "roster.lock", "restore.json"] {
        let (place, _) = backed_up();
        let path = place.file("data").join(name);
        let _ = fs::remove_file(&path);
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let found = place.run(&["doctor"]).must_exit(3).stdout;
        assert!(found.contains(name) && found.contains("file"), "{found}");
        place.run(&["restore", "roster.backup", "--replace"]).must_exit(1);
    }
}
