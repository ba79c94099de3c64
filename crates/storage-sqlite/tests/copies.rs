//! Databases that are copied to an empty place.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use roster_storage::contract::People;
use roster_storage::contract::reads::creation;
use roster_storage::{CopyPosition, Restore, StagedCopy, Store, StoredItem};
use roster_storage_sqlite::{SqliteCopy, SqliteRestore, SqliteStore, SqliteStoreSettings};
use rusqlite::Connection;

fn settings(folder: &Path) -> SqliteStoreSettings {
    SqliteStoreSettings::new(folder.join("roster.db"), Timestamp::UNIX_EPOCH)
}

fn user(number: u32) -> Vec<StoredItem> {
    vec![StoredItem::User(Arc::new(People.nth(number)))]
}

/// A copy with one step.
async fn begun(folder: &Path, number: u32) -> Box<SqliteCopy> {
    let mut copy = SqliteCopy::begin(&settings(folder)).unwrap();
    copy.add(user(number), CopyPosition { items: 1, digest: "of one".to_owned() }).await.unwrap();
    Box::new(copy)
}

fn schema(folder: &Path) -> Vec<(String, String)> {
    let database = Connection::open(folder.join("roster.db")).unwrap();
    let mut statement =
        database.prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// As the kill of the process that makes the indexes leaves it.
#[tokio::test]
async fn a_copy_with_some_of_its_indexes_is_completed_and_has_the_schema_of_a_new_database() {
    let (fresh, copied) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(SqliteStore::open(settings(fresh.path())).unwrap());
    drop(begun(copied.path(), 1).await);
    let (_, index) = schema(fresh.path()).into_iter().find(|(name, _)| name == "users_by_email").unwrap();
    let staged = Connection::open(copied.path().join("roster.db.copying/roster.db")).unwrap();
    staged.execute_batch(&index).unwrap();
    drop(staged);
    let copy = SqliteCopy::begin(&settings(copied.path())).unwrap();
    assert_eq!(copy.position().items, 1);
    Box::new(copy).finish(None).await.unwrap();
    assert_eq!(schema(copied.path()), schema(fresh.path()));
    assert!(!copied.path().join("roster.db.copying").exists());
}

/// Later commits would have to merge what the steps have left.
#[tokio::test]
async fn the_search_index_of_a_copy_has_one_part() {
    let folder = tempfile::tempdir().unwrap();
    let mut copy = begun(folder.path(), 0).await;
    for number in 1..20_u32 {
        let position = CopyPosition { items: number.into(), digest: String::new() };
        copy.add(user(number), position).await.unwrap();
    }
    copy.finish(None).await.unwrap();
    let database = Connection::open(folder.path().join("roster.db")).unwrap();
    let parts = "SELECT count(DISTINCT segid) FROM user_search_idx";
    assert_eq!(database.query_row(parts, [], |row| row.get(0)), Ok(1));
}

/// Somebody has removed the database of a killed server, and not the log beside it.
#[tokio::test]
async fn the_log_of_a_lost_database_does_not_reach_the_one_that_takes_its_place() {
    for takes_steps in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(settings(folder.path())).unwrap();
        store.commit(creation(&Arc::new(People.nth(1)))).await.unwrap();
        drop(store);
        assert!(fs::metadata(folder.path().join("roster.db-wal")).unwrap().len() > 0);
        fs::remove_file(folder.path().join("roster.db")).unwrap();
        if takes_steps {
            begun(folder.path(), 2).await.finish(None).await.unwrap();
        } else {
            let mut restore = SqliteRestore::begin(&settings(folder.path())).unwrap();
            restore.add(user(2)).await.unwrap();
            Box::new(restore).finish().await.unwrap();
        }
        let store = SqliteStore::open(settings(folder.path())).unwrap();
        let found = [1, 2].map(|number| People.nth(number).id);
        assert!(store.user(found[0]).await.unwrap().is_none(), "{takes_steps}");
        assert!(store.user(found[1]).await.unwrap().is_some(), "{takes_steps}");
    }
}

/// What is there does not look like a copy.
#[tokio::test]
async fn a_staged_database_that_cannot_be_read_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    drop(begun(folder.path(), 1).await);
    let staged = folder.path().join("roster.db.copying");
    fs::remove_file(staged.join("roster.db-wal")).unwrap();
    fs::write(staged.join("roster.db"), "no database").unwrap();
    let copy = SqliteCopy::begin(&settings(folder.path())).unwrap();
    assert_eq!(*copy.position(), CopyPosition::default());
    Box::new(copy).finish(None).await.unwrap();
    assert_eq!(SqliteStore::open(settings(folder.path())).unwrap().user_count(), 0);
}
