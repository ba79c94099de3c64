//! Rate limits over time.

use crate::kit::{App, PASSWORD, app_with_limits};
use jiff::SignedDuration;
use roster_domain::{
    Action, Actor, AuditRecord, RefreshChain, Session, SessionId, SessionLifetime, Target, TokenDigest, User,
};
use roster_service::{Clock, Error, LimitScope, LimitSettings, TooMany};
use roster_storage::{Change, Store, UnitOfWork};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

async fn wait_after(app: &App, password: &str) -> Option<Duration> {
    match app.log_in("ada", password).await {
        Err(Error::TooMany(TooMany { retry_after, .. })) => Some(retry_after),
        Err(Error::BadCredentials) | Ok(_) => None,
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_delay_ends_after_retry_after_even_for_the_correct_password() {
    let app = app_with_limits(LimitSettings::default());
    app.user("ada").await;
    for _ in 0..5 {
        assert_eq!(wait_after(&app, "wrong").await, None);
    }
    assert_eq!(wait_after(&app, PASSWORD).await, Some(Duration::from_secs(1)));
    app.clock.advance(SignedDuration::from_millis(999));
    assert_eq!(wait_after(&app, PASSWORD).await, Some(Duration::from_millis(1)));
    app.clock.advance(SignedDuration::from_millis(1));
    app.log_in("ada", PASSWORD).await.unwrap();
    for _ in 0..5 {
        assert_eq!(wait_after(&app, "wrong").await, None, "the count is reset");
    }
}

#[tokio::test]
async fn an_attempt_of_a_client_that_disconnects_counts() {
    let app = app_with_limits(LimitSettings::default());
    app.user("ada").await;
    for _ in 0..5 {
        app.run_until_hashing(pin!(app.log_in("ada", "wrong"))).await;
    }
    assert!(wait_after(&app, PASSWORD).await.is_some());
}

/// Stores a session as from a login before a restart.
async fn open_session(app: &App, user: &User, login_ip: Option<IpAddr>) {
    let (now, hours) = (app.clock.now(), SignedDuration::from_hours);
    let chain = RefreshChain::new(TokenDigest::of(b"family"), TokenDigest::of(b"token"));
    let lifetime = SessionLifetime { idle: hours(1), absolute: hours(9) };
    let session = Session::begin(SessionId::new(now, [1; 10]), user.id, chain, lifetime, now);
    let session = Session { login_ip, ..session };
    let record = AuditRecord {
        target: Some(Target::User(user.id)),
        session: Some(session.id),
        ..AuditRecord::new(now, [1; 10], Actor::System, Action::LoggedIn)
    };
    let work = UnitOfWork::audited(record).write(Change::PutSession(Arc::new(session)));
    app.store.commit(work).await.unwrap();
}

#[tokio::test]
async fn known_networks_are_restored_from_the_users_sessions() {
    let app = app_with_limits(LimitSettings { failures_by_login: None, ..LimitSettings::default() });
    let ada = app.user("ada").await;
    let failures = LimitSettings::default().failures_by_ip.unwrap().burst.get();
    for n in 0..failures {
        let _ = app.log_in(&format!("person{n}"), "wrong").await;
    }
    assert!(wait_after(&app, PASSWORD).await.is_some(), "the address has reached its limit");
    open_session(&app, &ada, "192.0.2.7".parse().ok()).await;
    assert!(wait_after(&app, PASSWORD).await.is_some(), "that session was opened in another network");
    open_session(&app, &ada, None).await;
    app.log_in("ada", PASSWORD).await.unwrap();
    assert_eq!(
        app.roster.limits().limited(LimitScope::Client),
        2,
        "the admitted login is not counted as rejected"
    );
}
