//! The database pauses, stops, starts or is slow; Roster goes on without a restart.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use roster_storage::{CommitError, Store, StoreError};
use roster_storage_postgres::{PostgresStore, PostgresStoreSettings, Timeouts};
use roster_test_postgres::{Cluster, StopMode};
use tokio::time::timeout;

use crate::setup::{add, client, open, person, settings};

/// The timeout of an answer, and what a loaded machine may take on top.
const ONE_TIMEOUT: Duration = Duration::from_secs(3);

#[tokio::test]
async fn a_paused_server_costs_one_bounded_timeout() {
    let Some(cluster) = Cluster::builder().start() else { return };
    let store = open(&cluster.url("postgres")).await;
    let user = add(&store, 1).await;
    let paused = cluster.pause();
    let read = timeout(ONE_TIMEOUT, store.user(user.id)).await.unwrap();
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    let commit = timeout(ONE_TIMEOUT, store.commit(person(2).1)).await.unwrap();
    assert!(matches!(commit, Err(CommitError::Unavailable(_))), "{commit:?}");
    drop(paused);
    assert_eq!(store.user(user.id).await.unwrap(), Some(user));
    add(&store, 2).await;
}

#[tokio::test]
async fn a_server_that_stopped_is_used_again_once_it_started() {
    let Some(cluster) = Cluster::builder().start() else { return };
    let store = open(&cluster.url("postgres")).await;
    let user = add(&store, 1).await;
    for mode in [StopMode::Fast, StopMode::Immediate] {
        cluster.stop(mode);
        assert!(matches!(store.user(user.id).await, Err(StoreError::Unavailable(_))));
        assert!(matches!(store.commit(person(2).1).await, Err(CommitError::Unavailable(_))));
        assert!(store.ready().await.is_err());
        cluster.start();
        store.ready().await.unwrap();
        assert_eq!(store.user(user.id).await.unwrap().as_ref(), Some(&user));
    }
    add(&store, 2).await;
}

#[tokio::test]
async fn a_connection_that_was_ended_meanwhile_is_replaced_unnoticed() {
    let Some(database) = roster_test_postgres::database() else { return };
    let store = open(&database.url()).await;
    let user = add(&store, 1).await;
    let kill = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let direct = client(&database.url()).await;
    direct.batch_execute(kill).await.unwrap();
    assert_eq!(store.user(user.id).await.unwrap(), Some(user));
    direct.batch_execute(kill).await.unwrap();
    add(&store, 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_whose_connection_is_ended_is_made_on_another() {
    let Some(database) = roster_test_postgres::database() else { return };
    let settings = PostgresStoreSettings { timeouts: Timeouts::default(), ..settings(&database.url()) };
    let store = Arc::new(PostgresStore::open(settings).await.unwrap());
    let user = add(&store, 1).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let reads: Arc<[AtomicU32; 4]> = Arc::default();
    let readers: Vec<_> = (0..reads.len())
        .map(|reader| {
            let (store, user, is_over, reads) = (store.clone(), user.clone(), is_over.clone(), reads.clone());
            tokio::spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    assert_eq!(store.user(user.id).await.unwrap().as_ref(), Some(&user));
                    reads[reader].fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let kill = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
        WHERE datname = current_database() AND application_name = 'roster' AND state = 'active'";
    let direct = client(&database.url()).await;
    for _ in 0..30 {
        direct.batch_execute(kill).await.unwrap();
        let before = reads.iter().map(|reads| reads.load(Ordering::Relaxed)).collect::<Vec<_>>();
        // A second kill during one read would be one too many.
        let is_next = |reader: usize| reads[reader].load(Ordering::Relaxed) >= before[reader] + 2;
        while !(0..readers.len()).all(|reader| is_next(reader) || readers[reader].is_finished()) {
            tokio::task::yield_now().await;
        }
    }
    is_over.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
}

#[tokio::test]
async fn waiting_for_a_lock_is_bounded_and_changes_nothing() {
    let Some(database) = roster_test_postgres::database() else { return };
    let store = open(&database.url()).await;
    let direct = client(&database.url()).await;
    direct.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let commit = store.commit(person(1).1).await;
    let Err(CommitError::Unavailable(reason)) = commit else { panic!("{commit:?}") };
    assert!(reason.to_string().contains("55P03"), "{reason}");
    direct.batch_execute("ROLLBACK").await.unwrap();
    add(&store, 1).await;
}

#[tokio::test]
async fn waiting_for_a_connection_is_bounded() {
    let Some(database) = roster_test_postgres::database() else { return };
    let settings = settings(&database.url());
    let timeouts =
        Timeouts { lock: Duration::from_secs(9), statement: Duration::from_secs(9), ..settings.timeouts };
    let settings = PostgresStoreSettings { pool_size: 1, timeouts, ..settings };
    let store = Arc::new(PostgresStore::open(settings).await.unwrap());
    let direct = client(&database.url()).await;
    direct.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let commit = tokio::spawn({
        let store = store.clone();
        async move { store.commit(person(1).1).await }
    });
    while store.metrics().idle_connections > 0 {
        tokio::task::yield_now().await;
    }
    let began = Instant::now();
    let StoreError::Unavailable(reason) = store.has_active_admin().await.unwrap_err() else { panic!() };
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(reason.to_string().contains("no connection to PostgreSQL was free"), "{reason}");
    direct.batch_execute("ROLLBACK").await.unwrap();
    commit.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_a_dropped_request_left_behind_does_not_reach_the_next_one() {
    let Some(database) = roster_test_postgres::database() else { return };
    let store = open(&database.url()).await;
    let user = add(&store, 1).await;
    for _ in 0..20 {
        let read = timeout(Duration::ZERO, store.user(user.id));
        let _ = read.await;
        assert_eq!(store.user(user.id).await.unwrap().as_ref(), Some(&user));
    }
}

#[tokio::test]
async fn a_commit_that_meets_a_damaged_row_holds_no_lock_afterwards() {
    let Some(database) = roster_test_postgres::database() else { return };
    let store = open(&database.url()).await;
    let user = add(&store, 1).await;
    let direct = client(&database.url()).await;
    let damage = format!("UPDATE users SET status = 'asleep' WHERE id = '{}'", user.id);
    direct.batch_execute(&damage).await.unwrap();
    let outcome = store.commit(person(1).1).await;
    let Err(CommitError::Damaged(reason)) = outcome else { panic!("{outcome:?}") };
    assert!(reason.to_string().contains(&user.id.to_string()), "{reason}");
    direct.batch_execute(&format!("SET lock_timeout = 1000; {damage}")).await.unwrap();
}

#[tokio::test]
async fn a_read_only_database_is_not_ready() {
    let Some(database) = roster_test_postgres::database() else { return };
    let store = open(&database.url()).await;
    store.ready().await.unwrap();
    let direct = client(&database.url()).await;
    let name: String = crate::setup::value(&direct, "SELECT current_database()::text").await;
    let setting = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    direct.batch_execute(&setting).await.unwrap();
    let kill = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    direct.batch_execute(kill).await.unwrap();
    let StoreError::Unavailable(reason) = store.ready().await.unwrap_err() else { panic!() };
    assert!(reason.to_string().contains("does not allow writes"), "{reason}");
}

#[tokio::test]
async fn a_server_whose_role_may_only_read_is_not_ready() {
    let Some(cluster) = Cluster::builder().start() else { return };
    open(&cluster.url("postgres")).await;
    let direct = client(&cluster.url("postgres")).await;
    let grants = "CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader";
    direct.batch_execute(grants).await.unwrap();
    let store = open(&format!("postgres://reader@127.0.0.1:{}/postgres", cluster.port())).await;
    let StoreError::Unavailable(reason) = store.ready().await.unwrap_err() else { panic!() };
    assert!(reason.to_string().contains("INSERT on audit"), "{reason}");
    direct.batch_execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO reader").await.unwrap();
    store.ready().await.unwrap();
    add(&store, 1).await;
}

#[tokio::test]
async fn a_server_whose_disk_is_full_is_not_ready_until_it_can_write() {
    let Some(database) = roster_test_postgres::database() else { return };
    let store = open(&database.url()).await;
    let direct = client(&database.url()).await;
    let full = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
        $$ BEGIN RAISE SQLSTATE '53100'; END $$; \
        CREATE TRIGGER full_disk BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION full_disk()";
    direct.batch_execute(full).await.unwrap();
    assert!(matches!(store.commit(person(1).1).await, Err(CommitError::Unavailable(_))));
    for _ in 0..20 {
        let StoreError::Unavailable(reason) = store.ready().await.unwrap_err() else { panic!() };
        assert!(reason.to_string().contains("53100"), "{reason}");
    }
    direct.batch_execute("DROP TRIGGER full_disk ON audit").await.unwrap();
    store.ready().await.unwrap();
    let records: i64 = crate::setup::value(&direct, "SELECT count(*) FROM audit").await;
    assert_eq!(records, 0, "the trial leaves nothing");
    let bytes: i64 = crate::setup::value(&direct, "SELECT pg_relation_size('audit')").await;
    assert!(bytes > 100_000, "a trial that fits into {bytes} bytes may succeed on a full disk");
}
