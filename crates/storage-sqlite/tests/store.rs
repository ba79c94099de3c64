//! The store on a real disk.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use roster_domain::{Login, UserQuery};
use roster_storage::contract::People;
use roster_storage::contract::reads::creation;
use roster_storage::{CommitError, Restore, Store, StoredItem};
use roster_storage_sqlite::{OpenError, SqliteRestore, SqliteStore, SqliteStoreSettings};

fn settings(folder: &Path) -> SqliteStoreSettings {
    SqliteStoreSettings::new(folder.join("roster.db"), Timestamp::UNIX_EPOCH)
}

async fn add(store: &SqliteStore, number: u32) {
    store.commit(creation(&Arc::new(People.nth(number)))).await.unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

/// Changes the database as another program.
fn change(folder: &Path, sql: &str) {
    rusqlite::Connection::open(folder.join("roster.db")).unwrap().execute_batch(sql).unwrap();
}

#[tokio::test]
async fn a_closed_store_is_one_file_and_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(settings(folder.path())).unwrap();
    add(&store, 1).await;
    store.close().unwrap();
    store.close().unwrap();
    let refused = store.commit(creation(&Arc::new(People.nth(2)))).await;
    assert!(matches!(refused, Err(CommitError::Unavailable(_))), "{refused:?}");
    assert!(store.user(People.nth(1).id).await.unwrap().is_some());
    let again = SqliteStore::open(settings(folder.path())).unwrap();
    assert_eq!(again.user_count(), 1);
    again.close().unwrap();
    drop((store, again));
    assert_eq!(names(folder.path()), ["roster.db", "roster.db.lock"]);
}

#[tokio::test]
async fn a_dropped_store_keeps_its_log_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(settings(folder.path())).unwrap();
    add(&store, 1).await;
    drop(store);
    assert!(names(folder.path()).contains(&"roster.db-wal".to_owned()));
    let store = SqliteStore::open(settings(folder.path())).unwrap();
    assert!(store.user(People.nth(1).id).await.unwrap().is_some());
}

#[test]
fn a_second_process_is_rejected_with_the_id_of_the_holder() {
    let folder = tempfile::tempdir().unwrap();
    let first = SqliteStore::open(settings(folder.path())).unwrap();
    std::fs::create_dir(folder.path().join("other")).unwrap();
    let roundabout =
        SqliteStoreSettings::new(folder.path().join("other/../roster.db"), Timestamp::UNIX_EPOCH);
    let link = folder.path().join("other/link.db");
    std::os::unix::fs::symlink(folder.path().join("roster.db"), &link).unwrap();
    let linked = SqliteStoreSettings::new(link, Timestamp::UNIX_EPOCH);
    for settings in [settings(folder.path()), roundabout, linked] {
        let error = SqliteStore::open(settings).unwrap_err();
        assert!(
            matches!(error, OpenError::Held { pid: Some(pid), .. } if pid == std::process::id()),
            "{error:?}"
        );
        assert!(error.to_string().contains(&format!("process {}", std::process::id())), "{error}");
    }
    drop(first);
    SqliteStore::open(settings(folder.path())).unwrap();
}

#[tokio::test]
async fn a_newer_schema_opens_unless_it_says_that_this_roster_would_misread_it() {
    let folder = tempfile::tempdir().unwrap();
    SqliteStore::open(settings(folder.path())).unwrap().close().unwrap();
    change(
        folder.path(),
        "INSERT INTO migrations VALUES (90, 'a column', 1, 0); ALTER TABLE users ADD COLUMN shoe_size INTEGER",
    );
    let store = SqliteStore::open(settings(folder.path())).unwrap();
    add(&store, 1).await;
    store.close().unwrap();
    change(folder.path(), "INSERT INTO migrations VALUES (91, 'another status', 91, 0)");
    let before = std::fs::read(folder.path().join("roster.db")).unwrap();
    let error = SqliteStore::open(settings(folder.path())).unwrap_err();
    assert!(matches!(&error, OpenError::Newer { source, .. } if source.min_reader == 91), "{error:?}");
    assert_eq!(std::fs::read(folder.path().join("roster.db")).unwrap(), before, "it is left as it is");
}

#[test]
fn a_file_of_another_program_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roster.db");
    std::fs::write(&path, "a text of more than a hundred characters, ".repeat(20)).unwrap();
    let error = SqliteStore::open(settings(folder.path())).unwrap_err();
    assert!(matches!(error, OpenError::Foreign { .. }), "{error:?}");
    std::fs::remove_file(&path).unwrap();
    change(folder.path(), "CREATE TABLE notes (text TEXT)");
    let error = SqliteStore::open(settings(folder.path())).unwrap_err();
    assert!(matches!(error, OpenError::Foreign { .. }), "{error:?}");
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let error = SqliteStore::open(settings(folder.path())).unwrap_err();
    assert!(matches!(error, OpenError::Foreign { .. } | OpenError::Io { .. }), "{error:?}");
}

#[tokio::test]
async fn only_this_account_can_read_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let store = SqliteStore::open(settings(&data)).unwrap();
    add(&store, 1).await;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for name in names(&data) {
        assert_eq!(mode(&data.join(&name)), 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_store_opened_to_read_shows_what_another_process_commits_and_refuses_commits() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent");
    let store = SqliteStore::open_to_read(&settings(&absent)).unwrap();
    assert!(store.users(&UserQuery::default()).await.unwrap().items.is_empty());
    assert!(!absent.exists());
    let writer = SqliteStore::open(settings(folder.path())).unwrap();
    add(&writer, 1).await;
    let reader = SqliteStore::open_to_read(&settings(folder.path())).unwrap();
    assert_eq!(reader.user_count(), 1);
    add(&writer, 2).await;
    assert_eq!(reader.users(&UserQuery::default()).await.unwrap().items.len(), 2);
    let refused = reader.commit(creation(&Arc::new(People.nth(3)))).await;
    assert!(matches!(refused, Err(CommitError::Unavailable(_))), "{refused:?}");
}

#[tokio::test]
async fn a_login_with_nul_finds_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(settings(folder.path())).unwrap();
    add(&store, 1).await;
    for login in ["person1\0", "person\u{0}1", "\0"] {
        assert_eq!(store.user_by_login(&Login::new(login)).await.unwrap(), None, "{login:?}");
    }
}

#[tokio::test]
async fn a_restore_keeps_the_database_that_it_replaces() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(settings(folder.path())).unwrap();
    add(&store, 1).await;
    assert!(SqliteRestore::begin(&settings(folder.path())).is_err(), "it is open");
    drop(store);
    let mut restore = SqliteRestore::begin(&settings(folder.path())).unwrap();
    restore.add(vec![StoredItem::User(Arc::new(People.nth(2)))]).await.unwrap();
    let replaced = restore.replaced();
    Box::new(restore).finish().await.unwrap();
    for (folder, number) in [(folder.path(), 2), (&*replaced, 1)] {
        let store = SqliteStore::open(settings(folder)).unwrap();
        assert_eq!(store.user_count(), 1);
        assert!(store.user(People.nth(number).id).await.unwrap().is_some(), "user {number}");
    }
}

#[tokio::test]
async fn a_restore_moves_files_beside_the_database_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(settings(folder.path())).unwrap();
    add(&store, 1).await;
    store.close().unwrap();
    drop(store);
    let keys = folder.path().join("keys");
    std::fs::write(&keys, "old").unwrap();
    let mut restore = SqliteRestore::begin(&settings(folder.path())).unwrap();
    let prepared = restore.staging().join("keys");
    std::fs::write(&prepared, "new").unwrap();
    restore.replace_file(&keys, Some(&prepared));
    let replaced = restore.replaced();
    Box::new(restore).finish().await.unwrap();
    assert_eq!(std::fs::read_to_string(&keys).unwrap(), "new");
    assert_eq!(std::fs::read_to_string(replaced.join("keys")).unwrap(), "old");
    let replaced = replaced.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(names(folder.path()), ["keys", &replaced, "roster.db", "roster.db.lock"]);
}

/// What a restore leaves if it is killed before or after the database was renamed.
#[tokio::test]
async fn a_killed_restore_leaves_the_old_store_or_the_next_start_completes_the_new_one() {
    for is_decided in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(settings(folder.path())).unwrap();
        add(&store, 1).await;
        store.close().unwrap();
        drop(store);
        let (staging, replaced) = (folder.path().join("roster.db.restoring"), folder.path().join("replaced"));
        for made in [&staging, &replaced] {
            std::fs::create_dir(made).unwrap();
        }
        std::fs::write(folder.path().join("keys"), "old").unwrap();
        std::fs::write(staging.join("keys"), "new").unwrap();
        std::fs::write(staging.join("moves"), "replaced replaced\nout keys\ninto keys\n").unwrap();
        let (present, kept) = (folder.path().join("roster.db"), replaced.join("roster.db"));
        if is_decided {
            std::fs::copy(&present, &kept).unwrap();
        } else {
            std::fs::hard_link(&present, &kept).unwrap();
            std::fs::write(staging.join("roster.db"), "half").unwrap();
        }
        let store = SqliteStore::open(settings(folder.path())).unwrap();
        assert!(store.user(People.nth(1).id).await.unwrap().is_some());
        assert!(!staging.exists());
        assert_eq!(replaced.join("keys").exists(), is_decided);
        assert_eq!(replaced.exists(), is_decided);
        let keys = std::fs::read_to_string(folder.path().join("keys")).unwrap();
        assert_eq!(keys, if is_decided { "new" } else { "old" });
    }
}

#[tokio::test]
async fn an_abandoned_restore_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(settings(folder.path())).unwrap();
    add(&store, 1).await;
    store.close().unwrap();
    drop(store);
    let mut restore = SqliteRestore::begin(&settings(folder.path())).unwrap();
    restore.add(vec![StoredItem::User(Arc::new(People.nth(2)))]).await.unwrap();
    drop(restore);
    assert_eq!(names(folder.path()), ["roster.db", "roster.db.lock"]);
    let store = SqliteStore::open(settings(folder.path())).unwrap();
    assert!(store.user(People.nth(1).id).await.unwrap().is_some());
}

#[tokio::test]
async fn the_store_counts_its_work() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(settings(folder.path())).unwrap();
    add(&store, 1).await;
    let mut twin = People.nth(2);
    twin.username = People.nth(1).username;
    assert!(store.commit(creation(&Arc::new(twin))).await.is_err());
    store.ready().await.unwrap();
    let metrics = store.metrics();
    assert_eq!((metrics.commits, metrics.conflicts, metrics.failures, metrics.groups), (1, 1, 0, 2));
    assert!(metrics.log_bytes > 0 && metrics.bytes_written >= metrics.log_bytes);
    assert_eq!((store.user_count(), store.session_count()), (1, 0));
}

#[tokio::test]
async fn reading_a_closed_store_leaves_no_file_behind() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(settings(folder.path())).unwrap();
    add(&store, 1).await;
    store.close().unwrap();
    drop(store);
    let before = std::fs::read(folder.path().join("roster.db")).unwrap();
    let reader = SqliteStore::open_to_read(&settings(folder.path())).unwrap();
    assert!(reader.user(People.nth(1).id).await.unwrap().is_some());
    reader.close().unwrap();
    drop(reader);
    assert_eq!(names(folder.path()), ["roster.db", "roster.db.lock"]);
    assert_eq!(std::fs::read(folder.path().join("roster.db")).unwrap(), before);
}

#[tokio::test]
async fn a_check_finds_damage_and_open_files_and_leaves_no_file_behind() {
    let folder = tempfile::tempdir().unwrap();
    let check = || roster_storage_sqlite::examine(&settings(folder.path())).unwrap().findings;
    assert!(check().iter().any(|finding| finding.what.contains("there is no store")));
    let store = SqliteStore::open(settings(folder.path())).unwrap();
    store.commit(creation(&Arc::new(People.admin(1)))).await.unwrap();
    assert_eq!(check(), [], "while it is open");
    store.close().unwrap();
    drop(store);
    assert_eq!(check(), []);
    assert_eq!(names(folder.path()), ["roster.db", "roster.db.lock"]);
    std::fs::set_permissions(folder.path().join("roster.db"), std::fs::Permissions::from_mode(0o644))
        .unwrap();
    change(folder.path(), "DELETE FROM login_names; UPDATE users SET roles = '{'");
    let found: Vec<_> = check().into_iter().map(|finding| finding.what).collect();
    for what in ["others may read or write it", "cannot be found by their username", "the column roles"] {
        assert!(found.iter().any(|found| found.contains(what)), "{what}: {found:?}");
    }
}

#[tokio::test]
async fn a_restored_database_has_the_schema_of_a_new_one() {
    let (fresh, restored) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    SqliteStore::open(settings(fresh.path())).unwrap().close().unwrap();
    let mut restore = SqliteRestore::begin(&settings(restored.path())).unwrap();
    restore.add(vec![StoredItem::User(Arc::new(People.nth(1)))]).await.unwrap();
    Box::new(restore).finish().await.unwrap();
    let schema = |folder: &Path| {
        let connection = rusqlite::Connection::open(folder.join("roster.db")).unwrap();
        let mut statement =
            connection.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY name").unwrap();
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?))
        });
        rows.unwrap().map(Result::unwrap).collect::<Vec<_>>()
    };
    assert_eq!(schema(restored.path()), schema(fresh.path()));
}
