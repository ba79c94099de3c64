//! A commit removes what it changes.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use roster_domain::Action;
use roster_storage::contract::record;
use roster_storage::{Change, CommitError, Entity, Guard, Invalidate, Maintenance, Store, UnitOfWork};
use tokio::time::timeout;

use crate::setup::{Setup, disable, next, update};

/// How long a commit may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn what_was_read_before_is_not_read_from_the_store_again() {
    let setup = Setup::new();
    let user = setup.user(1).await;
    let session = setup.session(&user, 1).await;
    let first = setup.store.user_session(session.id, user.id).await.unwrap().unwrap();
    let second = setup.store.user_session(session.id, user.id).await.unwrap().unwrap();
    let shown = setup.read(&user).await;
    assert!(Arc::ptr_eq(&first.0, &second.0) && Arc::ptr_eq(&first.1, &second.1));
    assert!(Arc::ptr_eq(&first.1, &shown), "authenticating the request has read the user");
    let metrics = setup.metrics();
    assert_eq!((metrics.sessions.hits, metrics.sessions.misses), (1, 1));
    assert_eq!((metrics.users.hits, metrics.users.misses), (1, 0));
    assert_eq!((metrics.sessions.entries, metrics.users.entries), (1, 1));
}

#[tokio::test]
async fn the_next_state_of_a_user_who_was_read_is_kept_without_a_read() {
    let setup = Setup::new();
    let user = setup.user(1).await;
    let session = setup.session(&user, 1).await;
    assert!(setup.is_logged_in(&session).await);
    let misses = setup.metrics().users.misses;
    setup.store.commit(update(&user, next(&user))).await.unwrap();
    assert_eq!(*setup.read(&user).await, next(&user));
    assert_eq!(setup.metrics().users.misses, misses);
    let sessions = setup.metrics().sessions.misses;
    assert!(setup.is_logged_in(&session).await);
    assert_eq!(setup.metrics().sessions.misses, sessions + 1, "the session is read with the new user");
}

#[tokio::test]
async fn the_next_state_of_a_user_is_not_kept_if_another_change_comes_meanwhile() {
    let setup = Setup::new();
    let user = setup.user(1).await;
    setup.read(&user).await;
    let mut commit = Box::pin(setup.store.commit(update(&user, next(&user))));
    let early = commit.as_mut().now_or_never();
    setup.store.cache().invalidate(Entity::User(user.id));
    match early {
        Some(outcome) => outcome.unwrap(),
        None => commit.await.unwrap(),
    }
    let misses = setup.metrics().users.misses;
    assert_eq!(*setup.read(&user).await, next(&user));
    assert_eq!(setup.metrics().users.misses, misses + 1);
}

#[tokio::test]
async fn a_user_whose_change_was_refused_is_read_again() {
    let setup = Setup::new();
    let user = setup.user(1).await;
    setup.read(&user).await;
    setup.store.commit(update(&user, next(&user))).await.unwrap();
    let refused = setup.store.commit(update(&user, next(&user))).await;
    assert!(matches!(refused, Err(CommitError::Conflict(_))), "{refused:?}");
    let misses = setup.metrics().users.misses;
    assert_eq!(*setup.read(&user).await, next(&user));
    assert_eq!(setup.metrics().users.misses, misses + 1);
}

#[tokio::test]
async fn a_disabled_user_is_refused_in_the_next_request() {
    let setup = Setup::new();
    let user = setup.user(1).await;
    let session = setup.session(&user, 1).await;
    assert!(setup.is_logged_in(&session).await);
    setup.store.commit(disable(&user)).await.unwrap();
    assert!(!setup.is_logged_in(&session).await);
}

#[tokio::test]
async fn every_way_to_end_a_session_is_seen_by_the_next_request() {
    let setup = Setup::new();
    let ends: [fn(&roster_domain::Session) -> Change; 3] = [
        |session| Change::RemoveSession(session.id),
        |session| Change::RemoveSessionsOf { user: session.user, keep: None },
        |session| Change::RemoveUser(session.user),
    ];
    for (number, end) in (1..).zip(ends) {
        let user = setup.user(number).await;
        let session = setup.session(&user, u8::try_from(number).unwrap()).await;
        assert!(setup.is_logged_in(&session).await);
        let work = UnitOfWork::audited(record(Action::SessionsRevoked, user.id)).write(end(&session));
        setup.store.commit(work).await.unwrap();
        assert!(!setup.is_logged_in(&session).await, "{number}");
    }
    let user = setup.user(9).await;
    let session = setup.session(&user, 9).await;
    assert!(setup.is_logged_in(&session).await);
    let expired = Maintenance::SessionsExpired(vec![session.id], session.expires_at());
    setup.store.commit(UnitOfWork::maintenance(expired)).await.unwrap();
    assert!(!setup.is_logged_in(&session).await);
}

/// Another server has changed the user, and its notice is late: a use case would read the old state for ever.
#[tokio::test]
async fn after_a_conflict_the_caller_reads_the_current_state() {
    let setup = Setup::new();
    let before = setup.user(1).await;
    setup.read(&before).await;
    let current = next(&before);
    setup.store.store().commit(update(&before, current.clone())).await.unwrap();
    assert_eq!(*setup.read(&before).await, *before, "the cache cannot know");
    // As a login does, it relies on the user and changes something else.
    let work = UnitOfWork::audited(record(Action::LoggedIn, before.id));
    let outcome = setup.store.commit(work.require(Guard::UserVersion(before.id, before.version))).await;
    assert!(matches!(outcome, Err(CommitError::Conflict(_))), "{outcome:?}");
    assert_eq!(*setup.read(&before).await, current);
}

#[tokio::test]
async fn a_commit_whose_caller_is_gone_invalidates_too() {
    let setup = Setup::new();
    let mut current = setup.user(1).await;
    for _ in 0..20 {
        setup.read(&current).await;
        let after = next(&current);
        // Its first poll passes the unit to the store.
        drop(setup.store.commit(update(&current, after.clone())).now_or_never());
        let is_seen = async {
            while *setup.read(&current).await != after {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, is_seen).await.unwrap();
        current = Arc::new(after);
    }
}

#[tokio::test]
async fn a_notice_of_another_server_removes_the_entry() {
    let setup = Setup::new();
    let user = setup.user(1).await;
    let session = setup.session(&user, 1).await;
    assert!(setup.is_logged_in(&session).await);
    setup.store.store().commit(disable(&user)).await.unwrap();
    assert!(setup.is_logged_in(&session).await, "the notice is on its way");
    setup.store.cache().invalidate(Entity::User(user.id));
    assert!(!setup.is_logged_in(&session).await);
}

#[tokio::test]
async fn a_cleared_cache_reads_everything_again() {
    let setup = Setup::new();
    let user = setup.user(1).await;
    let session = setup.session(&user, 1).await;
    assert!(setup.is_logged_in(&session).await);
    setup.store.store().commit(disable(&user)).await.unwrap();
    setup.store.cache().invalidate_all();
    assert!(!setup.is_logged_in(&session).await);
    assert_eq!(setup.metrics().clears, 1);
}
