//! The connection on which a server hears of changes is lost.

use roster_storage_cache::CachedStore;
use roster_storage_postgres::PostgresStore;
use tokio_postgres::Client;

use crate::setup::{add, client, disable, is_active, open, until};

/// Ends the connection on which the server called `second` listens.
async fn end_listener(direct: &Client) {
    let ended = "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity \
        WHERE datname = current_database() AND application_name = 'second' \
        AND (query LIKE 'LISTEN%' OR query LIKE '%pg_notify%')";
    let ended: i64 = direct.query_one(ended, &[]).await.unwrap().get(0);
    assert_eq!(ended, 1);
}

/// Whether the database accepts new connections, even of the superuser.
async fn accept_connections(direct: &Client, accepts: &str) {
    let change =
        format!("UPDATE pg_database SET datallowconn = {accepts} WHERE datname = current_database()");
    direct.batch_execute(&change).await.unwrap();
}

async fn hears(replica: &CachedStore<PostgresStore>, expected: bool) {
    let what = if expected { "the server listens again" } else { "the server notices the loss" };
    until(what, async || replica.store().hears_changes() == Some(expected)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_listener_was_ended_forgets_everything_and_listens_again() {
    let Some(database) = roster_test_postgres::database() else { return };
    let (first, second) = (open(&database.url(), "first").await, open(&database.url(), "second").await);
    let direct = client(&database.url()).await;
    let user = add(&first, 1).await;
    for round in 1..=3 {
        assert!(is_active(&second, &user).await);
        let clears = second.cache().metrics().clears;
        end_listener(&direct).await;
        // Once at the loss, and once after it listens again.
        until("the cache was cleared twice", async || second.cache().metrics().clears == clears + 2).await;
        hears(&second, true).await;
        let other = add(&first, 10 + round).await;
        assert!(is_active(&second, &other).await);
        disable(&first, &other).await;
        until("the other server hears of it", async || !is_active(&second, &other).await).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changes_while_nobody_listens_is_seen_once_the_server_listens_again() {
    let Some(database) = roster_test_postgres::database() else { return };
    let (first, second) = (open(&database.url(), "first").await, open(&database.url(), "second").await);
    let direct = client(&database.url()).await;
    let (before, during) = (add(&first, 1).await, add(&first, 2).await);
    assert!(is_active(&second, &before).await);
    accept_connections(&direct, "false").await;
    end_listener(&direct).await;
    hears(&second, false).await;
    assert_eq!(second.cache().metrics().users.entries, 0, "the loss clears the cache");
    assert!(is_active(&second, &during).await);
    disable(&first, &during).await;
    assert!(is_active(&second, &during).await, "only the age bounds what is read meanwhile");
    accept_connections(&direct, "true").await;
    hears(&second, true).await;
    assert!(!is_active(&second, &during).await);
}
