//! A connection pooler between Roster and the database.

use std::error::Error;
use std::sync::Arc;

use roster_storage::{CommitError, Store};
use roster_storage_postgres::{OpenError, Pooler, PostgresStore, PostgresStoreSettings};
use roster_test_postgres::{Cluster, Pgbouncer, PoolMode};
use tokio::task::JoinSet;
use tokio_postgres::SimpleQueryMessage;

use crate::setup::{add, client, person, settings};

/// A server behind a pooler that lends two connections.
struct Pooled {
    cluster: Cluster,
    pooler: Pgbouncer,
}

impl Pooled {
    fn new(mode: PoolMode) -> Option<Self> {
        let cluster = Cluster::builder().start()?;
        let pooler = Pgbouncer::before(&cluster, mode, 2)?;
        Some(Self { cluster, pooler })
    }

    fn direct_url(&self) -> String {
        self.cluster.url("postgres")
    }

    fn url(&self) -> String {
        self.pooler.url(&self.direct_url())
    }

    async fn open(&self, pooler: Pooler) -> Result<PostgresStore, OpenError> {
        PostgresStore::open(PostgresStoreSettings { pooler, ..settings(&self.url()) }).await
    }
}

#[tokio::test]
async fn a_pooler_that_the_settings_do_not_name_is_refused_with_the_name_of_the_setting() {
    for mode in [PoolMode::Session, PoolMode::Transaction] {
        let Some(pooled) = Pooled::new(mode) else { return };
        let error = pooled.open(Pooler::None).await.unwrap_err();
        let reason = error.source().unwrap().to_string();
        assert!(reason.contains("set storage.pooler"), "{mode:?}: {reason}");
    }
}

#[tokio::test]
async fn a_pooler_in_transaction_mode_is_refused_if_the_settings_say_session_mode() {
    let Some(pooled) = Pooled::new(PoolMode::Transaction) else { return };
    let error = pooled.open(Pooler::Session).await.unwrap_err();
    let reason = error.source().unwrap().to_string();
    assert!(reason.contains("set storage.pooler to \"transaction\""), "{reason}");
}

#[tokio::test]
async fn a_pooler_in_session_mode_is_used_like_the_database() {
    let Some(pooled) = Pooled::new(PoolMode::Session) else { return };
    let store = pooled.open(Pooler::Session).await.unwrap();
    let user = add(&store, 1).await;
    assert_eq!(store.user(user.id).await.unwrap(), Some(user));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_requests_than_the_pooler_has_connections_all_get_their_own_rows() {
    let Some(pooled) = Pooled::new(PoolMode::Transaction) else { return };
    let stores = [Pooler::Transaction; 2].map(|pooler| pooled.open(pooler));
    let [one, other] = stores.map(|opening| async { Arc::new(opening.await.unwrap()) });
    let stores = [one.await, other.await];
    let mut tasks = JoinSet::new();
    for (number, store) in (0..8).zip(stores.iter().cycle().cloned()) {
        tasks.spawn(async move {
            for step in 0..20 {
                let user = add(&store, number * 20 + step).await;
                assert_eq!(store.user(user.id).await.unwrap(), Some(user));
            }
        });
    }
    tasks.join_all().await;
}

#[tokio::test]
async fn no_setting_stays_on_a_connection_that_the_pooler_lends_to_others() {
    let Some(pooled) = Pooled::new(PoolMode::Transaction) else { return };
    let store = pooled.open(Pooler::Transaction).await.unwrap();
    add(&store, 1).await;
    let other = client(&pooled.url()).await;
    // The pooler lends its connections in turn.
    for _ in 0..4 {
        for (name, default) in [("statement_timeout", "0"), ("enable_seqscan", "on")] {
            let rows = other.simple_query(&format!("SHOW {name}")).await.unwrap();
            let value = rows.iter().find_map(|message| match message {
                SimpleQueryMessage::Row(row) => row.get(0),
                _ => None,
            });
            assert_eq!(value, Some(default), "{name}");
        }
    }
}

#[tokio::test]
async fn the_limits_of_time_hold_behind_a_pooler() {
    let Some(pooled) = Pooled::new(PoolMode::Transaction) else { return };
    let store = pooled.open(Pooler::Transaction).await.unwrap();
    let direct = client(&pooled.direct_url()).await;
    direct.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let Err(CommitError::Unavailable(reason)) = store.commit(person(1).1).await else { panic!() };
    assert!(reason.to_string().contains("55P03"), "{reason}");
    let reason = store.user(person(1).0.id).await.unwrap_err().source().unwrap().to_string();
    assert!(reason.contains("55P03"), "{reason}");
    direct.batch_execute("ROLLBACK").await.unwrap();
    add(&store, 1).await;
}
