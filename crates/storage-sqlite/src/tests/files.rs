//! Which files make a store, and who may open them.

use std::os::unix::fs::symlink;
use std::path::Path;

use jiff::Timestamp;

use crate::doctor::examine;
use crate::error::OpenError;
use crate::restore::SqliteRestore;
use crate::settings::SqliteStoreSettings;
use crate::store::SqliteStore;

fn settings(path: impl AsRef<Path>) -> SqliteStoreSettings {
    SqliteStoreSettings::new(path.as_ref(), Timestamp::UNIX_EPOCH)
}

#[test]
fn a_link_to_a_database_that_is_not_there_yet_leads_to_the_lock_beside_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let (links, target) = (folder.path().join("links"), folder.path().join("target"));
    for made in [&links, &target] {
        std::fs::create_dir(made).unwrap();
    }
    symlink("second.db", links.join("first.db")).unwrap();
    symlink("../target/roster.db", links.join("second.db")).unwrap();
    let first = SqliteStore::open(settings(links.join("first.db"))).unwrap();
    assert!(target.join("roster.db.lock").exists());
    for path in [links.join("first.db"), links.join("second.db"), target.join("roster.db")] {
        let error = SqliteStore::open(settings(&path)).unwrap_err();
        assert!(matches!(error, OpenError::Held { .. }), "{}: {error:?}", path.display());
    }
    drop(first);
    SqliteStore::open(settings(target.join("roster.db"))).unwrap();
}

#[test]
fn a_link_that_leads_to_itself_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    symlink("roster.db", folder.path().join("roster.db")).unwrap();
    let error = SqliteStore::open(settings(folder.path().join("roster.db"))).unwrap_err();
    assert!(matches!(error, OpenError::Io { .. }), "{error:?}");
}

#[test]
fn a_database_with_a_second_name_is_refused_until_the_name_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, second) = (folder.path().join("roster.db"), folder.path().join("second.db"));
    SqliteStore::open(settings(&path)).unwrap().close().unwrap();
    std::fs::hard_link(&path, &second).unwrap();
    for path in [&path, &second] {
        let error = SqliteStore::open(settings(path)).unwrap_err();
        assert!(matches!(error, OpenError::SecondName { .. }), "{error:?}");
        let error = SqliteRestore::begin(&settings(path)).unwrap_err();
        assert!(matches!(error, OpenError::SecondName { .. }), "{error:?}");
    }
    let found = examine(&settings(&path)).unwrap().findings;
    assert!(found.iter().any(|finding| finding.what.contains("a second name")), "{found:?}");
    std::fs::remove_file(&second).unwrap();
    SqliteStore::open(settings(&path)).unwrap();
}
