//! The check of a database.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use roster_domain::{Action, ApiKey, KeyCreator, ServiceAccount, fixtures};
use roster_storage::contract::record;
use roster_storage::contract::service_accounts::{creation, key, service_account};
use roster_storage::{Change, Finding, FindingLevel, UnitOfWork};
use rusqlite::Connection;

use super::add;
use crate::doctor::examine;
use crate::group::commit;
use crate::migrations::migrate;
use crate::settings::SqliteStoreSettings;

/// A folder with a store that has users and no server.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let mut connection = folder.connection();
        migrate(&mut connection, Timestamp::UNIX_EPOCH).unwrap();
        add(&connection, (0..200).map(fixtures::user));
        connection.execute_batch("UPDATE users SET active_admin = 1").unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(folder.database(), mode).unwrap();
        folder
    }

    fn database(&self) -> PathBuf {
        self.0.path().join("roster.db")
    }

    fn connection(&self) -> Connection {
        Connection::open(self.database()).unwrap()
    }

    fn check(&self) -> Vec<Finding> {
        examine(&SqliteStoreSettings::new(self.database(), Timestamp::UNIX_EPOCH)).unwrap().findings
    }

    fn make(&self, name: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::os::unix::fs::DirBuilderExt::mode(&mut std::fs::DirBuilder::new(), 0o700).create(&path).unwrap();
        path
    }
}

fn places(findings: &[Finding], level: FindingLevel) -> Vec<&Path> {
    findings.iter().filter(|found| found.level == level).map(|found| Path::new(&found.place)).collect()
}

#[test]
fn a_store_without_an_active_administrator_has_a_fault() {
    let folder = Folder::new();
    assert_eq!(folder.check(), []);
    folder.connection().execute_batch("UPDATE users SET active_admin = 0").unwrap();
    let found = folder.check();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].level, &*found[0].what), (FindingLevel::Fault, "there is no active administrator"));
}

#[test]
fn a_key_grants_nothing_once_its_creator_is_gone() {
    let folder = Folder::new();
    let creator = fixtures::user(1).id;
    let key = ApiKey { created_by: KeyCreator::User(creator), ..key(1) };
    let account = Arc::new(ServiceAccount { keys: vec![key], ..service_account(1) });
    commit(&folder.connection(), &[creation(&account)], 200).unwrap();
    assert_eq!(folder.check(), []);
    let gone = UnitOfWork::audited(record(Action::UserDeleted, creator)).write(Change::RemoveUser(creator));
    commit(&folder.connection(), &[gone], 201).unwrap();
    let found = folder.check();
    assert!(found.len() == 1 && found[0].what.contains("its creator no longer exists"), "{found:?}");
}

#[test]
fn what_restores_leave_behind_is_noted() {
    let folder = Folder::new();
    let left = [folder.make("replaced-20260101T000000Z"), folder.make("roster.db.restoring")];
    let found = folder.check();
    let mut noted = places(&found, FindingLevel::Note);
    noted.sort_unstable();
    assert_eq!(noted, left, "{found:?}");
    assert!(places(&found, FindingLevel::Fault).is_empty(), "{found:?}");
}

#[test]
fn a_damaged_file_is_reported_once_with_a_remedy_that_works() {
    let folder = Folder::new();
    let sound = std::fs::read(folder.database()).unwrap();
    // Rows are damaged, or everything.
    for first in [sound.len() / 2, 4096] {
        let mut content = sound.clone();
        content[first..].fill(0xa5);
        std::fs::write(folder.database(), content).unwrap();
        let found = folder.check();
        let count = |text: &str| found.iter().filter(|finding| finding.what.contains(text)).count();
        assert!(count("malformed") <= 1 && count("") >= 1, "{found:?}");
        assert!(found.iter().all(|finding| finding.remedy.contains("move it away")), "{found:?}");
    }
}
