//! The server allows fewer connections than the pool may have.

use std::sync::Arc;
use std::time::Duration;

use roster_storage::Store;
use roster_storage_postgres::{PostgresStore, PostgresStoreSettings, Timeouts};
use roster_test_postgres::Cluster;

use crate::setup::{add, client, settings};

const ALLOWED: usize = 2;
const READS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_wait_for_the_connections_that_there_are_if_the_server_refuses_more() {
    let Some(cluster) = Cluster::builder().start() else { return };
    let direct = client(&cluster.url("postgres")).await;
    let role = format!("CREATE ROLE few LOGIN CONNECTION LIMIT {ALLOWED}; ALTER SCHEMA public OWNER TO few");
    direct.batch_execute(&role).await.unwrap();
    let settings = settings(&format!("postgres://few@127.0.0.1:{}/postgres", cluster.port()));
    let long = Duration::from_secs(30);
    let timeouts = Timeouts { connect: long, statement: long, lock: long, request: long };
    let settings = PostgresStoreSettings { timeouts, pool_size: 4, ..settings };
    let store = Arc::new(PostgresStore::open(settings).await.unwrap());
    let user = add(&store, 1).await.id;
    direct.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let reads: Vec<_> = (0..READS)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.user(user).await })
        })
        .collect();
    // A connection that was closed counts until the server has noticed, so there may be fewer.
    let others_wait = || store.metrics().waiting_requests >= READS - ALLOWED;
    while !others_wait() && !reads.iter().any(tokio::task::JoinHandle::is_finished) {
        tokio::task::yield_now().await;
    }
    direct.batch_execute("ROLLBACK").await.unwrap();
    for read in reads {
        assert_eq!(read.await.unwrap().unwrap().map(|found| found.id), Some(user));
    }
    assert!(store.metrics().connections <= ALLOWED);
}
