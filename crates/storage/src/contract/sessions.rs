//! Sessions.

use super::guards::{RIVALS, conflict, race};
use super::reads::{add, update};
use super::{Bench, People, record};
use crate::{Change, Guard, Maintenance, Store, UnitOfWork};
use jiff::{SignedDuration, Timestamp};
use roster_domain::{
    Action, Grace, RefreshChain, SealedToken, Session, SessionId, SessionLifetime, StatusKind, TokenDigest,
    User, UserId,
};
use std::sync::Arc;

const LIFETIME: SessionLifetime =
    SessionLifetime { idle: SignedDuration::from_hours(1), absolute: SignedDuration::from_hours(24) };

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_700_000_000 + second)
}

fn token(name: &str) -> TokenDigest {
    TokenDigest::of(name.as_bytes())
}

/// The session with this number; a larger number begins a second later.
#[must_use]
pub fn session(user: &User, number: u8) -> Session {
    let began = at(number.into());
    let chain = RefreshChain::new(token(&format!("family {number}")), token(&format!("token {number}")));
    Session::begin(SessionId::new(began, [number; 10]), user.id, chain, LIFETIME, began)
}

/// The unit that begins `session`.
#[must_use]
pub fn login(session: &Session) -> UnitOfWork {
    UnitOfWork::audited(record(Action::LoggedIn, session.user))
        .write(Change::PutSession(Arc::new(session.clone())))
}

fn refreshed(session: &Session, next: &str) -> Session {
    let grace = Grace { length: SignedDuration::from_secs(10), since: at(0) };
    let chain = session.refresh.clone().rotated(token(next), SealedToken::new([1; 4]), at(60), grace);
    Session { refresh: chain, ..session.clone() }
}

fn refresh(before: &Session, next: &str) -> UnitOfWork {
    UnitOfWork::audited(record(Action::SessionRefreshed, before.user))
        .require(Guard::RefreshTokenLive(before.id, before.refresh.current))
        .write(Change::PutSession(Arc::new(refreshed(before, next))))
}

async fn begin(store: &Arc<dyn Store>, user: &User, number: u8) -> Session {
    let session = session(user, number);
    store.commit(login(&session)).await.expect("a new session");
    session
}

async fn found(store: &Arc<dyn Store>, session: &Session) -> Option<Session> {
    store.session(session.id).await.expect("readable").map(|session| (*session).clone())
}

async fn ids_of(store: &Arc<dyn Store>, user: &User) -> Vec<SessionId> {
    store.sessions(user.id).await.expect("readable").iter().map(|session| session.id).collect()
}

/// Looks the session up by everything that identifies it.
pub async fn a_session_is_found_by_id_family_and_user(bench: &impl Bench) {
    let store = bench.fresh().await;
    let (ada, bob) = (add(&store, People.nth(1)).await, add(&store, People.nth(2)).await);
    let (first, second) = (begin(&store, &ada, 1).await, begin(&store, &ada, 2).await);
    let other = begin(&store, &bob, 3).await;
    assert_eq!(found(&store, &first).await.as_ref(), Some(&first));
    let by_family = store.session_by_family(second.refresh.family).await.expect("readable");
    assert_eq!(by_family.as_deref(), Some(&second));
    assert_eq!(store.session_by_family(token("family 9")).await.expect("readable"), None);
    assert_eq!(ids_of(&store, &ada).await, [first.id, second.id], "the oldest first");
    assert_eq!(ids_of(&store, &bob).await, [other.id]);
}

/// Neither an absent one nor someone else's is returned, and both are in their current state.
pub async fn a_session_is_read_together_with_its_user_only(bench: &impl Bench) {
    let store = bench.fresh().await;
    let (ada, bob) = (add(&store, People.nth(1)).await, add(&store, People.nth(2)).await);
    let (session, absent) = (begin(&store, &ada, 1).await, session(&ada, 9));
    let read = |session: &Session, user: &User| {
        let (store, session, user) = (store.clone(), session.id, user.id);
        async move { store.user_session(session, user).await.expect("readable") }
    };
    assert_eq!(read(&session, &ada).await, Some((Arc::new(session.clone()), ada.clone())));
    assert_eq!(read(&session, &bob).await, None);
    assert_eq!(read(&absent, &ada).await, None);
    let changed = Arc::new((*ada).clone().with_status(StatusKind::Disabled, at(60)).touched(at(60)));
    store.commit(update(&ada, (*changed).clone())).await.expect("fresh");
    store.commit(refresh(&session, "next")).await.expect("the live token");
    let after = Arc::new(refreshed(&session, "next"));
    assert_eq!(read(&session, &ada).await, Some((after, changed)));
    let end = |user: UserId| {
        let work = UnitOfWork::audited(record(Action::SessionsRevoked, user));
        work.write(Change::RemoveSessionsOf { user, keep: None })
    };
    store.commit(end(ada.id)).await.expect("no guard");
    assert_eq!(read(&session, &ada).await, None);
}

/// The old token is no longer live, and the family stays.
pub async fn a_refreshed_session_is_the_same_session(bench: &impl Bench) {
    let store = bench.fresh().await;
    let ada = add(&store, People.nth(1)).await;
    let before = begin(&store, &ada, 1).await;
    store.commit(refresh(&before, "next")).await.expect("the live token");
    let after = store.session_by_family(before.refresh.family).await.expect("readable").expect("present");
    assert_eq!(*after, refreshed(&before, "next"));
    let stale = Guard::RefreshTokenLive(before.id, before.refresh.current);
    assert_eq!(conflict(store.commit(refresh(&before, "again")).await), stale);
    assert_eq!(ids_of(&store, &ada).await, [before.id]);
}

/// A refresh token is used once, however many requests try.
pub async fn one_of_many_racing_refreshes_of_a_token_wins(bench: &impl Bench) {
    let store = bench.fresh().await;
    let ada = add(&store, People.nth(1)).await;
    let before = begin(&store, &ada, 1).await;
    let outcomes = race(&store, (0..RIVALS).map(|rival| refresh(&before, &format!("rival {rival}")))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
}

/// The same applies to a session that never existed.
pub async fn acting_in_an_ended_session_is_a_conflict(bench: &impl Bench) {
    let store = bench.fresh().await;
    let ada = add(&store, People.nth(1)).await;
    let (own, other) = (begin(&store, &ada, 1).await, session(&ada, 9));
    let act = |session: &Session| {
        UnitOfWork::audited(record(Action::SessionsRevoked, ada.id))
            .require(Guard::SessionExists(session.id))
            .write(Change::RemoveSession(session.id))
    };
    assert_eq!(conflict(store.commit(act(&other)).await), Guard::SessionExists(other.id));
    store.commit(act(&own)).await.expect("it is still there");
    assert_eq!(conflict(store.commit(act(&own)).await), Guard::SessionExists(own.id));
}

/// Neither the session to keep nor those of other users are ended.
pub async fn all_sessions_of_a_user_but_one_can_be_ended(bench: &impl Bench) {
    let store = bench.fresh().await;
    let (ada, bob) = (add(&store, People.nth(1)).await, add(&store, People.nth(2)).await);
    let mut sessions = Vec::new();
    for number in 1..=3 {
        sessions.push(begin(&store, &ada, number).await);
    }
    let other = begin(&store, &bob, 4).await;
    let end = |keep| {
        UnitOfWork::audited(record(Action::SessionsRevoked, ada.id))
            .write(Change::RemoveSessionsOf { user: ada.id, keep })
    };
    store.commit(end(Some(sessions[1].id))).await.expect("no guard");
    assert_eq!(ids_of(&store, &ada).await, [sessions[1].id]);
    store.commit(end(Some(other.id))).await.expect("no guard");
    assert_eq!(ids_of(&store, &ada).await, []);
    assert_eq!(store.session_by_family(sessions[1].refresh.family).await.expect("readable"), None);
    assert_eq!(ids_of(&store, &bob).await, [other.id]);
}

/// Removing a user ends all of their sessions.
pub async fn a_removed_user_has_no_sessions(bench: &impl Bench) {
    let store = bench.fresh().await;
    let ada = add(&store, People.nth(1)).await;
    let session = begin(&store, &ada, 1).await;
    let removal = UnitOfWork::audited(record(Action::UserDeleted, ada.id)).write(Change::RemoveUser(ada.id));
    store.commit(removal).await.expect("no guard");
    assert_eq!(found(&store, &session).await, None);
    assert_eq!(ids_of(&store, &ada).await, []);
}

/// A login that commits after the deletion of its user stores nothing.
pub async fn a_session_without_a_user_is_not_stored(bench: &impl Bench) {
    let store = bench.fresh().await;
    let session = session(&People.nth(1), 1);
    store.commit(login(&session)).await.expect("no guard");
    assert_eq!(found(&store, &session).await, None);
}

/// A session that was read before a refresh is not written after it.
pub async fn recording_a_use_does_not_undo_a_refresh(bench: &impl Bench) {
    let store = bench.fresh().await;
    let ada = add(&store, People.nth(1)).await;
    let before = begin(&store, &ada, 1).await;
    let seen = |session: &Session| {
        let seen = session.clone().seen(Some([10, 0, 0, 1].into()), LIFETIME, at(90));
        UnitOfWork::maintenance(Maintenance::SessionSeen(Arc::new(seen)))
    };
    store.commit(seen(&before)).await.expect("live");
    assert_eq!(found(&store, &before).await.expect("present").last_seen_at, at(90));
    store.commit(refresh(&before, "next")).await.expect("the live token");
    conflict(store.commit(seen(&before)).await);
    assert_eq!(found(&store, &before).await.expect("present").refresh.current, token("next"));
}

/// The earliest expiry comes first, and removed sessions do not come again.
pub async fn expired_sessions_are_found_in_batches(bench: &impl Bench) {
    let store = bench.fresh().await;
    let ada = add(&store, People.nth(1)).await;
    let mut ids = Vec::new();
    for number in 1..=4 {
        ids.push(begin(&store, &ada, number).await.id);
    }
    let hour = 3_600;
    assert_eq!(store.expired_sessions(at(hour), 10).await.expect("readable"), []);
    assert_eq!(store.expired_sessions(at(hour + 3), 2).await.expect("readable"), ids[..2]);
    let sweep =
        |ids: &[SessionId]| UnitOfWork::maintenance(Maintenance::SessionsExpired(ids.to_vec(), at(hour + 3)));
    store.commit(sweep(&ids[..2])).await.expect("they have expired");
    assert_eq!(store.expired_sessions(at(hour + 3), 2).await.expect("readable"), ids[2..3]);
    let used = session(&ada, 3).seen(None, LIFETIME, at(hour));
    store.commit(UnitOfWork::maintenance(Maintenance::SessionSeen(Arc::new(used)))).await.expect("live");
    assert_eq!(store.expired_sessions(at(hour + 3), 2).await.expect("readable"), []);
    let guard = conflict(store.commit(sweep(&ids[..3])).await);
    assert_eq!(guard, Guard::SessionOver(ids[2], at(hour + 3)), "used since it was found");
}

/// The guard makes a limit on sessions hold under concurrent logins.
pub async fn the_number_of_sessions_can_be_guarded(bench: &impl Bench) {
    let store = bench.fresh().await;
    let ada = add(&store, People.nth(1)).await;
    let rivals = (1..=8).map(|number| login(&session(&ada, number)).require(Guard::SessionCount(ada.id, 0)));
    let outcomes = race(&store, rivals).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let second = login(&session(&ada, 9)).require(Guard::SessionCount(ada.id, 1));
    store.commit(second).await.expect("there is one");
}

/// Sessions are as durable as every acknowledged commit.
pub async fn sessions_survive_a_kill(bench: &impl Bench) {
    let store = bench.fresh().await;
    let ada = add(&store, People.nth(1)).await;
    let (first, second) = (begin(&store, &ada, 1).await, begin(&store, &ada, 2).await);
    store.commit(refresh(&first, "next")).await.expect("the live token");
    let logout =
        UnitOfWork::audited(record(Action::SessionRevoked, ada.id)).write(Change::RemoveSession(second.id));
    store.commit(logout).await.expect("no guard");
    let store = bench.reopened(store).await;
    assert_eq!(found(&store, &first).await, Some(refreshed(&first, "next")));
    assert_eq!(found(&store, &second).await, None);
}
