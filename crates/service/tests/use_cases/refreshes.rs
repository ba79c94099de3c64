//! Refresh tokens, their rotation and reuse detection.

use crate::kit::{anonymous, app};
use crate::sessions::{count, is_accepted, is_invalid, seconds};
use futures_util::future::join_all;
use roster_auth::token::RefreshToken;
use roster_domain::{AuditFilter, AuditQuery, Outcome};
use roster_service::{Call, Error, RefreshOutcome};

#[tokio::test]
async fn a_refresh_issues_a_new_access_token_of_the_same_session() {
    let app = app();
    app.user("ada").await;
    let first = app.start_session("ada").await;
    app.clock.advance(seconds(600));
    let second = app.refresh(&first.refresh_token).await.unwrap();
    assert_eq!(second.session.id, first.session.id);
    assert!(is_accepted(&app, &second).await && is_accepted(&app, &first).await);
    app.clock.advance(seconds(600));
    assert!(
        !is_accepted(&app, &first).await && is_accepted(&app, &second).await,
        "each is valid for 15 minutes"
    );
}

#[tokio::test]
async fn two_tabs_that_refresh_at_once_both_stay_logged_in() {
    let app = app();
    app.user("ada").await;
    let login = app.start_session("ada").await;
    let (one, other) = (app.refresh(&login.refresh_token).await, app.refresh(&login.refresh_token).await);
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_eq!(*one.refresh_token.text(), *other.refresh_token.text(), "both get the live token");
    app.refresh(&other.refresh_token).await.unwrap();
    let late = app.refresh(&login.refresh_token).await.unwrap();
    app.clock.advance(seconds(60));
    app.refresh(&late.refresh_token).await.unwrap();
}

#[tokio::test]
async fn a_reused_refresh_token_ends_only_its_session() {
    let app = app();
    let ada = app.user("ada").await;
    let (login, elsewhere) = (app.start_session("ada").await, app.start_session("ada").await);
    let stolen = app.refresh(&login.refresh_token).await.unwrap();
    app.clock.advance(seconds(11));
    assert!(is_invalid(&app, &login.refresh_token).await);
    assert!(!is_accepted(&app, &stolen).await && is_invalid(&app, &stolen.refresh_token).await);
    assert!(is_accepted(&app, &elsewhere).await, "other sessions continue");
    assert_eq!(app.roster.counters().refreshes(RefreshOutcome::Reused), 1);
    assert_eq!(count(&app, &ada).await, 1);
    let filter = AuditFilter { outcome: Some(Outcome::TokenReused), ..AuditFilter::default() };
    let query = AuditQuery { filter, ..AuditQuery::default() };
    let log = app.roster.audit_records(&Call::operator(), &query).await.unwrap();
    let sessions: Vec<_> = log.items.iter().map(|record| record.session).collect();
    assert_eq!(sessions, [Some(login.session.id)], "the record names the session");
}

#[tokio::test]
async fn reuse_of_an_old_refresh_token_is_detected() {
    let app = app();
    app.user("ada").await;
    let first = app.start_session("ada").await;
    let mut latest = app.refresh(&first.refresh_token).await.unwrap();
    for _ in 0..20 {
        app.clock.advance(seconds(60));
        latest = app.refresh(&latest.refresh_token).await.unwrap();
    }
    assert!(is_invalid(&app, &first.refresh_token).await);
    assert!(is_invalid(&app, &latest.refresh_token).await);
}

#[tokio::test]
async fn a_hundred_concurrent_refreshes_of_one_token_keep_one_session() {
    let app = app();
    let ada = app.user("ada").await;
    let login = app.start_session("ada").await;
    let outcomes = join_all((0..100).map(|_| app.refresh(&login.refresh_token))).await;
    let mut tokens: Vec<_> =
        outcomes.into_iter().map(|o| o.unwrap().refresh_token.text().to_string()).collect();
    tokens.dedup();
    assert_eq!(tokens.len(), 1);
    assert_eq!(count(&app, &ada).await, 1);
    assert_eq!(app.roster.counters().refreshes(RefreshOutcome::Rotated), 1);
}

#[tokio::test]
async fn an_invalid_refresh_token_is_rejected() {
    let app = app();
    app.user("ada").await;
    let login = app.start_session("ada").await;
    for text in ["", "rt_", login.token.as_str(), &RefreshToken::generate(&roster_auth::SystemEntropy).text()]
    {
        let outcome = app.roster.refresh_session(&anonymous(), text).await;
        assert!(matches!(outcome, Err(Error::InvalidRefreshToken { reused: false })), "{text}");
    }
    assert!(
        app.authenticate(&login.refresh_token.text()).await.is_err(),
        "a refresh token is not an access token"
    );
}

#[tokio::test]
async fn fifty_concurrent_reuses_of_a_refresh_token_count_as_one() {
    let app = app();
    app.user("ada").await;
    let login = app.start_session("ada").await;
    app.refresh(&login.refresh_token).await.unwrap();
    app.clock.advance(seconds(11));
    let commits = app.store.metrics().commits;
    for outcome in join_all((0..50).map(|_| app.refresh(&login.refresh_token))).await {
        assert!(matches!(outcome, Err(Error::InvalidRefreshToken { .. })));
    }
    assert_eq!(app.roster.counters().refreshes(RefreshOutcome::Reused), 1);
    assert_eq!(app.store.metrics().commits, commits + 1);
}
