//! Folders of older versions. `tests/fixtures/stores/make.sh` in the workspace describes how they were made.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use roster_storage_json::{JsonStore, JsonStoreSettings, OpenError};
use tempfile::TempDir;

fn older_stores() -> Vec<PathBuf> {
    let stores = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/stores");
    let folders = fs::read_dir(stores).unwrap().map(|entry| entry.unwrap().path());
    let folders: Vec<_> = folders.filter(|path| path.is_dir()).collect();
    assert!(!folders.is_empty());
    folders
}

/// A copy of a store's files, without its keys.
fn copied(store: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(store.join("data")).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
    }
    copy
}

fn settings(folder: &Path) -> JsonStoreSettings {
    JsonStoreSettings {
        users_file: folder.join("users.json"),
        now: Timestamp::UNIX_EPOCH,
        random: [0; 10],
        rotation: None,
        observer: None,
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn an_upgrade_logs_nobody_out() {
    for store in older_stores() {
        let expected: serde_json::Value =
            serde_json::from_slice(&fs::read(store.join("expected.json")).unwrap()).unwrap();
        let folder = copied(&store);
        let opened = JsonStore::open(settings(folder.path())).unwrap();
        assert_eq!(opened.session_count() as u64, expected["sessions"].as_u64().unwrap());
    }
}

#[test]
fn reading_an_older_store_changes_nothing() {
    for store in older_stores() {
        let folder = copied(&store);
        fs::write(folder.path().join("roster.lock"), "").unwrap();
        let before = names(folder.path());
        let opened = JsonStore::open_to_read(&settings(folder.path())).unwrap();
        assert!(opened.user_count() > 0);
        assert_eq!(names(folder.path()), before);
    }
}

#[test]
fn a_journal_of_a_newer_version_is_rejected_and_unchanged() {
    let folder = copied(&older_stores()[0]);
    let journal = names(folder.path()).into_iter().find(|name| name.starts_with("journal-")).unwrap();
    let path = folder.path().join(&journal);
    // The first line as another version would write it, with a valid checksum.
    let text = fs::read_to_string(&path).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    let covered = first.split_once("\",").unwrap().1.replace("\"version\":1", "\"version\":9");
    let newer = format!("{{\"crc\":\"{:08x}\",{covered}\n{rest}", crc32fast::hash(covered.as_bytes()));
    fs::write(&path, &newer).unwrap();
    let before = names(folder.path());
    let error = JsonStore::open(settings(folder.path())).unwrap_err();
    assert!(matches!(error, OpenError::Newer { version: 9, known: 2, .. }), "{error:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), newer);
    let left: Vec<_> = names(folder.path()).into_iter().filter(|name| name != "roster.lock").collect();
    assert_eq!(left, before);
}
