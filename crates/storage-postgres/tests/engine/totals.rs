//! How many users there are.

use crate::setup::{add, client, open};

#[tokio::test]
async fn a_store_knows_how_many_users_there_are_when_it_opens() {
    let Some(database) = roster_test_postgres::database() else { return };
    let store = open(&database.url()).await;
    assert_eq!(store.totals().users, 0);
    add(&store, 1).await;
    add(&store, 2).await;
    drop(store);
    let totals = open(&database.url()).await.totals();
    assert_eq!((totals.users, totals.sessions), (2, 0));
}

#[tokio::test]
async fn many_users_are_estimated() {
    let Some(database) = roster_test_postgres::database() else { return };
    add(&open(&database.url()).await, 1).await;
    let copy = "INSERT INTO users SELECT (jsonb_populate_record(u, jsonb_build_object('id', gen_random_uuid(), \
        'external_id', NULL))).* FROM users u, generate_series(1, 11999); ANALYZE users";
    client(&database.url()).await.batch_execute(copy).await.unwrap();
    assert_eq!(open(&database.url()).await.totals().users, 12_000);
}
