//! Plans: no statement reads a whole table.

use roster_domain::{Login, TokenDigest};
use roster_storage::Store;
use roster_storage::contract::People;
use roster_storage::contract::sessions::{login, session};
use tokio_postgres::Client;

use crate::setup::{add, client, open, value};

/// How often a whole table was read, once all stores are dropped: a connection reports what it did when it ends.
async fn scans(direct: &Client) -> i64 {
    let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()";
    while value::<i64>(direct, others).await > 1 {
        tokio::task::yield_now().await;
    }
    let tables = "SELECT sum(seq_scan)::bigint FROM pg_stat_user_tables WHERE relname <> 'migrations'";
    value(direct, tables).await
}

/// The tables are so small that to read them is cheaper than to look into an index. A plan that does is kept when they
/// grow.
#[tokio::test]
async fn statements_use_indexes_while_the_tables_are_small() {
    let Some(database) = roster_test_postgres::database() else { return };
    let direct = client(&database.url()).await;
    let user = add(&open(&database.url()).await, 1).await;
    direct.batch_execute("ANALYZE").await.unwrap();
    let first = scans(&direct).await;
    drop(open(&database.url()).await);
    let opened = scans(&direct).await;
    let store = open(&database.url()).await;
    for number in 2..20 {
        assert!(store.user(user.id).await.unwrap().is_some());
        assert!(store.user_by_login(&Login::new("person1")).await.unwrap().is_some());
        assert!(!store.has_active_admin().await.unwrap());
        let user = add(&store, number).await;
        let session = session(&People.nth(number), u8::try_from(number).unwrap());
        store.commit(login(&session)).await.unwrap();
        assert!(store.session_by_family(session.refresh.family).await.unwrap().is_some());
        assert!(store.session_by_family(TokenDigest::of(b"none")).await.unwrap().is_none());
        assert_eq!(store.sessions(user.id).await.unwrap().len(), 1);
    }
    drop(store);
    assert_eq!(scans(&direct).await - opened, opened - first, "no more than opening a store takes");
}
