//! Edits by other programs.

use super::{AUDIT, USERS, audit_log, commit, creation, login, opened, person, renamed, snapshot, update};
use crate::disk::simulated::SimulatedDisk;
use crate::disk::{Directory, Disk};
use crate::error::OpenError;
use crate::projection::parse;
use crate::recovery::Opened;

/// Two users in users.json, nothing in the journal.
fn two_people() -> (SimulatedDisk, Opened) {
    let disk = SimulatedDisk::new(1);
    let mut store = opened(&disk).unwrap();
    commit(&mut store, [creation(&person(1), 1), creation(&person(2), 2)]);
    snapshot(&mut store);
    (disk, store)
}

fn text(disk: &SimulatedDisk) -> String {
    String::from_utf8(disk.content(USERS).unwrap()).unwrap()
}

/// Edits a file like somebody with an editor.
fn edit(disk: &SimulatedDisk, from: &str, to: &str) {
    let before = text(disk);
    assert!(before.contains(from), "{before}");
    disk.overwrite(USERS, before.replace(from, to).as_bytes());
}

fn username(store: &Opened, number: u64) -> String {
    store.published.load().user(person(number).id).unwrap().username.to_string()
}

fn open_error(disk: &SimulatedDisk) -> OpenError {
    let before = disk.content(USERS);
    let error = opened(disk).err().unwrap();
    assert_eq!(disk.content(USERS), before, "the file is left alone");
    error
}

#[test]
fn an_edit_made_while_stopped_is_adopted_and_audited() {
    let (disk, store) = two_people();
    drop(store);
    edit(&disk, "\"person1\"", "\"renate\"");
    let mut store = opened(&disk).unwrap();
    assert_eq!(username(&store, 1), "renate");
    assert_eq!(audit_log(&disk).len(), 3);
    assert!(String::from_utf8(disk.content(AUDIT).unwrap()).unwrap().contains("edit_adopted"));
    assert!(parse(&disk.content(USERS).unwrap()).unwrap().is_genuine, "written anew at once");
    commit(&mut store, [creation(&person(3), 3)]);
    snapshot(&mut store);
    let store = opened(&disk).unwrap();
    assert_eq!(username(&store, 1), "renate");
    assert_eq!(audit_log(&disk).len(), 4, "taken over once");
}

#[test]
fn an_edit_ends_every_session() {
    let (disk, mut store) = two_people();
    commit(&mut store, [login(&person(1), 3)]);
    snapshot(&mut store);
    drop(store);
    assert_eq!(opened(&disk).unwrap().published.load().sessions().len(), 1);
    edit(&disk, "\"person1\"", "\"renate\"");
    assert_eq!(opened(&disk).unwrap().published.load().sessions().len(), 0);
    assert_eq!(opened(&disk).unwrap().published.load().sessions().len(), 0, "for good");
}

#[test]
fn an_edit_made_before_the_journal_was_projected_is_rejected() {
    let (disk, mut store) = two_people();
    commit(&mut store, [creation(&person(3), 3)]);
    edit(&disk, "\"person1\"", "\"renate\"");
    let error = open_error(&disk);
    assert!(matches!(error, OpenError::EditedBeforeSnapshot { units: 1, .. }), "{error:?}");
    assert!(error.to_string().contains("put back the file as it was"), "{error}");
}

#[test]
fn a_number_that_roster_never_assigns_is_rejected() {
    for number in [u64::MAX, 1 << 53] {
        let (disk, store) = two_people();
        drop(store);
        edit(&disk, "\"sequence\": 2", &format!("\"sequence\": {number}"));
        let error = open_error(&disk);
        assert!(matches!(error, OpenError::BadUsers { .. }), "{error:?}");
        assert!(error.to_string().contains("sequence"), "{error}");
    }
}

#[test]
fn an_audit_number_that_roster_never_assigns_is_ignored() {
    let (disk, store) = two_people();
    drop(store);
    let lines = String::from_utf8(disk.content(AUDIT).unwrap()).unwrap();
    let odd = lines.lines().last().unwrap().replace("\"sequence\":2", &format!("\"sequence\":{}", u64::MAX));
    disk.overwrite(AUDIT, format!("{lines}{odd}\n").as_bytes());
    let mut store = opened(&disk).unwrap();
    commit(&mut store, [creation(&person(3), 3)]);
    snapshot(&mut store);
    assert_eq!(audit_log(&disk).len(), 4, "the line stays");
}

#[test]
fn an_edit_made_while_running_is_kept_under_another_name() {
    let (disk, mut store) = two_people();
    assert!(!store.projections.was_edited());
    edit(&disk, "\"person1\"", "\"renate\"");
    let edited = disk.content(USERS);
    assert!(store.projections.was_edited());
    commit(&mut store, [update(&person(2), &renamed(&person(2), 3), 3)]);
    snapshot(&mut store);
    assert_eq!(disk.content("users.json.edited-3"), edited);
    assert!(!store.projections.was_edited());
    assert!(text(&disk).contains("Number 3") && text(&disk).contains("\"person1\""));
    edit(&disk, "\"person2\"", "\"second\"");
    snapshot(&mut store);
    assert!(disk.content("users.json.edited-3-2").is_some(), "a second edit has a name of its own");
}

#[test]
fn the_same_content_written_again_is_not_an_edit() {
    let (disk, mut store) = two_people();
    disk.overwrite(USERS, &disk.content(USERS).unwrap());
    assert!(!store.projections.was_edited());
    snapshot(&mut store);
    assert!(disk.names().unwrap().iter().all(|name| !name.contains("edited")));
}

#[test]
fn a_removed_users_file_is_written_again() {
    let (disk, mut store) = two_people();
    let before = text(&disk);
    disk.remove(USERS).unwrap();
    assert!(store.projections.was_edited());
    snapshot(&mut store);
    assert_eq!(text(&disk), before);
}

#[test]
fn a_backup_restored_while_stopped_is_adopted_and_numbers_continue() {
    let (disk, mut store) = two_people();
    let backup = disk.content(USERS).unwrap();
    commit(&mut store, [creation(&person(3), 3)]);
    snapshot(&mut store);
    disk.overwrite(USERS, &backup);
    let mut store = opened(&disk).unwrap();
    assert!(store.published.load().user(person(3).id).is_none());
    commit(&mut store, [creation(&person(4), 4)]);
    snapshot(&mut store);
    let numbers: Vec<_> = audit_log(&disk).into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
}

#[test]
fn a_foreign_file_is_rejected_with_the_command_to_run() {
    for foreign in [r#"{"ada": {"password": "x"}}"#, r#"[{"username": "ada"}]"#, "", "{\"a\":1}\n{\"a\":2}\n"]
    {
        let disk = SimulatedDisk::new(1);
        disk.overwrite(USERS, foreign.as_bytes());
        let error = open_error(&disk);
        assert!(matches!(error, OpenError::Foreign { .. }), "{foreign}: {error:?}");
        assert!(error.to_string().contains("roster import"), "{error}");
        assert_eq!(disk.names().unwrap(), [USERS]);
    }
}

#[test]
fn an_invalid_edit_is_rejected_with_its_location() {
    let cases = [
        ("\"person2\"", "\"two words\"", "line "),
        ("\"person2\"", "\"PERSON1\"", "belongs to another"),
        ("\"person2\",", "\"person2\"", "line "),
        ("\"status\"", "\"state\"", "unknown field `state`"),
    ];
    for (from, to, fault) in cases {
        let (disk, _) = two_people();
        edit(&disk, from, to);
        let error = open_error(&disk);
        assert!(matches!(error, OpenError::BadUsers { .. }), "{error:?}");
        assert!(error.to_string().contains(fault), "{error}");
    }
}

#[test]
fn a_file_of_a_newer_version_is_rejected() {
    let (disk, _) = two_people();
    edit(&disk, "\"version\": 2,\n  \"sequence\"", "\"version\": 3,\n  \"sessions\": [],\n  \"sequence\"");
    assert!(matches!(open_error(&disk), OpenError::Newer { version: 3, .. }));
}

#[test]
fn a_missing_users_file_is_not_an_empty_store() {
    let (disk, _) = two_people();
    disk.remove(USERS).unwrap();
    let error = open_error(&disk);
    assert!(matches!(error, OpenError::UsersMissing { .. }), "{error:?}");
}

#[test]
fn lines_may_be_moved_out_of_the_audit_log() {
    let (disk, mut store) = two_people();
    disk.rename(AUDIT, "audit.ndjson.1").unwrap();
    commit(&mut store, [creation(&person(3), 3)]);
    snapshot(&mut store);
    assert_eq!(audit_log(&disk).len(), 1);
    disk.overwrite(AUDIT, b"");
    let mut store = opened(&disk).unwrap();
    commit(&mut store, [creation(&person(4), 4)]);
    snapshot(&mut store);
    assert_eq!(audit_log(&disk).len(), 1);
}
