//! A read that began before a commit never leaves its value in the cache.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use roster_domain::{Action, Session, User};
use roster_storage::contract::record;
use roster_storage::{Change, Store, UnitOfWork};

use crate::setup::{Setup, disable, next, update};

#[tokio::test]
async fn a_user_who_changes_while_they_are_read_is_not_kept() {
    let setup = Setup::new();
    let before = setup.user(1).await;
    let reading = setup.begin(|| setup.store.user(before.id)).await;
    setup.store.commit(update(&before, next(&before))).await.unwrap();
    assert_eq!(reading.await.unwrap(), Some(before.clone()), "it was read before the change");
    assert_eq!(*setup.read(&before).await, next(&before));
}

async fn ends_while_it_is_read(end: impl Fn(&User, &Session) -> UnitOfWork) {
    let setup = Setup::new();
    let user = setup.user(1).await;
    let session = setup.session(&user, 1).await;
    let reading = setup.begin(|| setup.store.user_session(session.id, user.id)).await;
    setup.store.commit(end(&user, &session)).await.unwrap();
    assert!(reading.await.unwrap().is_some(), "it was read before the end");
    assert!(!setup.is_logged_in(&session).await);
    assert!(!setup.is_logged_in(&session).await, "nor does the second request find it");
}

#[tokio::test]
async fn a_session_that_ends_while_it_is_read_is_not_kept() {
    let revoked = |user: &User| UnitOfWork::audited(record(Action::SessionsRevoked, user.id));
    ends_while_it_is_read(|user, session| revoked(user).write(Change::RemoveSession(session.id))).await;
    ends_while_it_is_read(|user, _| {
        revoked(user).write(Change::RemoveSessionsOf { user: user.id, keep: None })
    })
    .await;
    ends_while_it_is_read(|user, _| disable(user)).await;
    ends_while_it_is_read(|user, _| revoked(user).write(Change::RemoveUser(user.id))).await;
}

/// The user is in the cache already, and only the session is read.
#[tokio::test]
async fn the_second_session_of_a_known_user_is_not_kept_if_all_end_meanwhile() {
    let setup = Setup::new();
    let user = setup.user(1).await;
    let session = setup.session(&user, 1).await;
    setup.read(&user).await;
    let reading = setup.begin(|| setup.store.user_session(session.id, user.id)).await;
    let work = UnitOfWork::audited(record(Action::SessionsRevoked, user.id));
    let end = work.write(Change::RemoveSessionsOf { user: user.id, keep: None });
    setup.store.commit(end).await.unwrap();
    assert!(reading.await.unwrap().is_some());
    setup.read(&user).await;
    assert!(!setup.is_logged_in(&session).await);
}

#[tokio::test]
async fn a_read_that_is_dropped_leaves_no_place_behind() {
    let setup = Setup::new();
    let user = setup.user(1).await;
    drop(setup.begin(|| setup.store.user(user.id)).await);
    setup.read(&user).await;
    setup.read(&user).await;
    assert_eq!(setup.metrics().users.entries, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_race_with_a_writer_never_see_less_than_was_committed_before() {
    let setup = Arc::new(Setup::new());
    let first = setup.user(1).await;
    let session = setup.session(&first, 1).await;
    let committed = Arc::new(AtomicU64::new(first.version.get()));
    let is_over = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let (setup, committed, is_over) = (setup.clone(), committed.clone(), is_over.clone());
            let (user, session) = (first.id, session.id);
            tokio::spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    let least = committed.load(Ordering::Acquire);
                    let (_, found) = setup.store.user_session(session, user).await.unwrap().unwrap();
                    assert!(found.version.get() >= least, "{:?} after {least}", found.version);
                    let least = committed.load(Ordering::Acquire);
                    let found = setup.store.user(user).await.unwrap().unwrap();
                    assert!(found.version.get() >= least, "{:?} after {least}", found.version);
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let mut current = (*first).clone();
    for _ in 0..300 {
        let after = next(&current);
        setup.store.commit(update(&current, after.clone())).await.unwrap();
        committed.store(after.version.get(), Ordering::Release);
        current = after;
    }
    is_over.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
    assert!(setup.metrics().users.hits > 0);
}
