//! Several servers change the signing keys.

use futures_util::future::join_all;
use roster_storage::{KeyStamp, KeyWrite, SealedKey, StoredKeys};
use roster_storage_postgres::PostgresKeys;

use crate::setup::settings;

const RIVALS: u8 = 16;

fn keys(number: u8) -> StoredKeys {
    let private = vec![SealedKey { kid: format!("key {number}"), sealed: vec![number] }];
    StoredKeys { ring: Some(format!("ring {number}")), private, stamp: KeyStamp::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_changes_of_the_same_version_one_is_made() {
    let Some(database) = roster_test_postgres::database() else { return };
    let server = || PostgresKeys::new(settings(&database.url()));
    // A version to compete for, so that nobody waits for the tables.
    assert_eq!(server().replace(0, &keys(RIVALS)).await.unwrap(), KeyWrite::Made);
    let changes = (0..RIVALS).map(|number| {
        let server = server();
        tokio::spawn(async move { server.replace(1, &keys(number)).await.unwrap() })
    });
    let outcomes = join_all(changes.collect::<Vec<_>>()).await;
    let outcomes: Vec<_> = outcomes.into_iter().map(|outcome| outcome.unwrap()).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == KeyWrite::Made).count(), 1);
    let winner = outcomes.iter().position(|outcome| *outcome == KeyWrite::Made).unwrap();
    let winner = keys(u8::try_from(winner).unwrap());
    let stamp = KeyStamp { version: 2, audited: 0 };
    assert_eq!(server().read_keys().await.unwrap(), StoredKeys { stamp, ..winner });
}
