//! Commits while another program holds the database.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use roster_domain::fixtures;
use roster_storage::contract::reads::creation;
use roster_storage::{CommitError, Store};
use rusqlite::Connection;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::settings::SqliteStoreSettings;
use crate::store::SqliteStore;

/// A store, and another program that holds SQLite's lock.
struct Blocked {
    folder: tempfile::TempDir,
    store: Arc<SqliteStore>,
    other: Connection,
}

impl Blocked {
    async fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roster.db");
        let store = SqliteStore::open(SqliteStoreSettings::new(&path, Timestamp::UNIX_EPOCH)).unwrap();
        store.commit(creation(&Arc::new(fixtures::user(0)))).await.unwrap();
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        Self { folder, store: Arc::new(store), other }
    }

    fn add(&self, commits: &mut JoinSet<(Duration, Result<(), CommitError>)>, number: u32) {
        let store = Arc::clone(&self.store);
        commits.spawn(async move {
            let began = Instant::now();
            let outcome = store.commit(creation(&Arc::new(fixtures::user(number)))).await;
            (began.elapsed(), outcome)
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_does_not_take_its_result_holds_up_no_other() {
    let blocked = Blocked::begin().await;
    let commit = |number| blocked.store.commit(creation(&Arc::new(fixtures::user(number))));
    let [mut first, mut second, mut third] = [1, 2, 3].map(commit);
    assert!(timeout(Duration::ZERO, &mut first).await.is_err(), "the database is held");
    while blocked.store.status.require_progress().is_ok() {
        tokio::task::yield_now().await;
    }
    // The writer is busy with the first. The others form a group, and the second gets the results of both.
    for commit in [&mut second, &mut third] {
        assert!(timeout(Duration::ZERO, commit).await.is_err(), "the database is held");
    }
    blocked.other.execute_batch("ROLLBACK").unwrap();
    timeout(Duration::from_secs(20), third).await.unwrap().unwrap();
    drop((second, blocked.folder));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_waiting_commit_fails_within_a_bound_and_the_next_succeeds_once_the_lock_is_free() {
    let blocked = Blocked::begin().await;
    let mut commits = JoinSet::new();
    // The first is alone. The others wait behind it and form a group.
    for number in 1..=12 {
        blocked.add(&mut commits, number);
    }
    while let Some(commit) = commits.join_next().await {
        let (took, outcome) = commit.unwrap();
        assert!(matches!(outcome, Err(CommitError::Unavailable(_))), "{outcome:?}");
        assert!(took < Duration::from_secs(8), "{took:?}");
    }
    blocked.other.execute_batch("ROLLBACK").unwrap();
    blocked.store.commit(creation(&Arc::new(fixtures::user(1)))).await.unwrap();
    assert_eq!(blocked.store.user_count(), 2);
    drop(blocked.folder);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_fails_once() {
    let blocked = Blocked::begin().await;
    let units = (1..=3).map(|number| creation(&Arc::new(fixtures::user(number)))).collect();
    let series = tokio::time::timeout(Duration::from_secs(8), blocked.store.commit_all(units)).await;
    let outcomes = series.unwrap();
    let failed = outcomes.iter().filter(|outcome| matches!(outcome, Err(CommitError::Unavailable(_))));
    assert_eq!(failed.count(), 3, "{outcomes:?}");
    assert!(blocked.store.ready().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_whose_writer_waits_is_not_ready_long_before_the_commit_fails() {
    let blocked = Blocked::begin().await;
    blocked.store.ready().await.unwrap();
    let mut commits = JoinSet::new();
    blocked.add(&mut commits, 1);
    let began = Instant::now();
    let mut ticks = tokio::time::interval(Duration::from_millis(200));
    let is_ready =
        async |store: &SqliteStore| tokio::time::timeout(Duration::from_secs(2), store.ready()).await;
    while matches!(is_ready(&blocked.store).await, Ok(Ok(()))) {
        assert!(began.elapsed() < Duration::from_secs(4), "it is ready after {:?}", began.elapsed());
        ticks.tick().await;
    }
    commits.join_all().await;
    assert!(!matches!(is_ready(&blocked.store).await, Ok(Ok(()))), "after the commit failed");
    blocked.other.execute_batch("ROLLBACK").unwrap();
    blocked.store.ready().await.unwrap();
}
