//! The sessions file beside the users file.

use super::{USERS, commit, creation, login, logout, opened, person, snapshot};
use crate::audit_log::AUDIT_FILE;
use crate::disk::simulated::SimulatedDisk;
use crate::disk::{Directory, Disk};
use crate::error::OpenError;
use crate::projection::SESSIONS_FILE;
use crate::recovery::Opened;

/// A user who is logged in twice, with everything in the files.
fn logged_in() -> (SimulatedDisk, Opened) {
    let disk = SimulatedDisk::new(1);
    let mut store = opened(&disk).unwrap();
    commit(&mut store, [creation(&person(1), 1), login(&person(1), 2), login(&person(1), 3)]);
    snapshot(&mut store);
    (disk, store)
}

fn sessions(store: &Opened) -> usize {
    store.published.load().sessions().len()
}

#[test]
fn sessions_are_read_from_their_file() {
    let (disk, store) = logged_in();
    drop(store);
    assert_eq!(sessions(&opened(&disk).unwrap()), 2);
}

#[test]
fn an_old_sessions_file_revives_no_session() {
    let (disk, mut store) = logged_in();
    let old = disk.content(SESSIONS_FILE).unwrap();
    let session = store.published.load().sessions().iter().next().unwrap().clone();
    commit(&mut store, [logout(&session, 4)]);
    snapshot(&mut store);
    drop(store);
    disk.overwrite(SESSIONS_FILE, &old);
    assert_eq!(sessions(&opened(&disk).unwrap()), 0, "everybody must log in again");
}

#[test]
fn a_restored_backup_revives_no_session() {
    let (disk, mut store) = logged_in();
    let old = [USERS, SESSIONS_FILE].map(|name| (name, disk.content(name).unwrap()));
    let session = store.published.load().sessions().iter().next().unwrap().clone();
    commit(&mut store, [logout(&session, 4)]);
    snapshot(&mut store);
    drop(store);
    for (name, content) in &old {
        disk.overwrite(name, content);
    }
    assert_eq!(sessions(&opened(&disk).unwrap()), 0);
}

#[test]
fn a_backup_restored_with_its_journal_revives_no_session_and_keeps_the_audit_log() {
    let (disk, mut store) = logged_in();
    commit(&mut store, [creation(&person(2), 4)]);
    let old: Vec<_> = disk.names().unwrap().into_iter().filter(|name| name != AUDIT_FILE).collect();
    let old: Vec<_> = old.into_iter().map(|name| (disk.content(&name).unwrap(), name)).collect();
    let session = store.published.load().sessions().iter().next().unwrap().clone();
    commit(&mut store, [logout(&session, 5)]);
    snapshot(&mut store);
    drop(store);
    let audit = disk.content(AUDIT_FILE).unwrap();
    for (content, name) in &old {
        disk.overwrite(name, content);
    }
    let mut store = opened(&disk).unwrap();
    assert_eq!(sessions(&store), 0);
    assert_eq!(store.published.load().len(), 2, "what the journal adds is there");
    commit(&mut store, [creation(&person(3), 6)]);
    snapshot(&mut store);
    assert!(disk.content(AUDIT_FILE).unwrap().starts_with(&audit), "no line is lost");
}

#[test]
fn without_the_sessions_file_nobody_is_logged_in() {
    let (disk, store) = logged_in();
    drop(store);
    disk.remove(SESSIONS_FILE).unwrap();
    assert_eq!(sessions(&opened(&disk).unwrap()), 0);
}

#[test]
fn a_damaged_sessions_file_stops_the_start_with_the_remedy() {
    let (disk, store) = logged_in();
    drop(store);
    disk.overwrite(SESSIONS_FILE, b"{\"format\":\"roster-sessions\",");
    let error = opened(&disk).err().unwrap();
    assert!(matches!(error, OpenError::BadSessions { .. }), "{error:?}");
    assert!(error.to_string().contains("log in again"), "{error}");
}
