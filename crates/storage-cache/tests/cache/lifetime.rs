//! How long an entry is used, and how many there are.

use std::time::Duration;

use roster_storage::Store;
use roster_storage_cache::CacheSettings;

use crate::setup::{Setup, disable, next, update};

/// Together they are the time after which an entry is not used any more.
const ALMOST: Duration = Duration::from_millis(4_999);
const MOMENT: Duration = Duration::from_millis(1);

/// The last resort, if another server ends before its notice is sent.
#[tokio::test]
async fn a_change_of_another_server_is_seen_within_the_ttl_without_a_notice() {
    let setup = Setup::new();
    let user = setup.user(1).await;
    let session = setup.session(&user, 1).await;
    assert!(setup.is_logged_in(&session).await);
    setup.store.store().commit(disable(&user)).await.unwrap();
    setup.pass(ALMOST);
    assert!(setup.is_logged_in(&session).await, "the entry may still be used");
    setup.pass(MOMENT);
    assert!(!setup.is_logged_in(&session).await);
}

#[tokio::test]
async fn using_an_entry_does_not_prolong_it() {
    let setup = Setup::new();
    let user = setup.user(1).await;
    setup.read(&user).await;
    setup.store.store().commit(update(&user, next(&user))).await.unwrap();
    for _ in 0..5 {
        assert_eq!(setup.read(&user).await, user);
        setup.pass(Setup::TTL / 5);
    }
    assert_eq!(*setup.read(&user).await, next(&user));
}

#[tokio::test]
async fn without_a_ttl_nothing_is_kept() {
    let setup = Setup::with(Duration::ZERO, CacheSettings::default().bytes);
    let user = setup.user(1).await;
    let session = setup.session(&user, 1).await;
    assert!(setup.is_logged_in(&session).await);
    setup.store.store().commit(disable(&user)).await.unwrap();
    assert!(!setup.is_logged_in(&session).await);
    assert_eq!((setup.metrics().users.entries, setup.metrics().sessions.hits), (0, 0));
}

#[tokio::test]
async fn the_cache_stays_within_its_size() {
    let bytes = 256 << 10;
    let setup = Setup::with(Setup::TTL, bytes);
    let mut users = Vec::new();
    for number in 0..400 {
        users.push(setup.user(number).await);
    }
    for user in &users {
        assert_eq!(setup.read(user).await, *user);
    }
    let metrics = setup.metrics().users;
    assert!(metrics.bytes <= bytes / 2, "{metrics:?}");
    assert!(metrics.entries > 30 && metrics.entries < 400, "{metrics:?}");
}
