//! How sessions are refreshed and ended.

use crate::kit::{App, PASSWORD, anonymous, app, by, secret};
use futures_util::future::join_all;
use jiff::SignedDuration;
use roster_auth::token::RefreshToken;
use roster_domain::{RoleSet, StatusKind, User};
use roster_service::{
    Call, Completeness, Error, LogOut, LoggedIn, NewPassword, PasswordChanged, Precondition, RevokeSessions,
    UserDraft,
};
use roster_storage::Store;

pub(crate) fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

pub(crate) async fn is_accepted(app: &App, logged_in: &LoggedIn) -> bool {
    app.authenticate(logged_in.token.as_str()).await.is_ok()
}

pub(crate) async fn is_invalid(app: &App, token: &RefreshToken) -> bool {
    matches!(app.refresh(token).await, Err(Error::InvalidRefreshToken { .. }))
}

async fn call(app: &App, logged_in: &LoggedIn) -> Call {
    app.authenticate(logged_in.token.as_str()).await.unwrap()
}

pub(crate) async fn count(app: &App, user: &User) -> usize {
    app.store.sessions(user.id).await.unwrap().len()
}

#[tokio::test]
async fn a_session_expires_when_idle_or_at_its_maximum_age() {
    let app = app();
    app.user("ada").await;
    let (idle, used) = (app.start_session("ada").await, app.start_session("ada").await);
    let day = SignedDuration::from_hours(24);
    let mut latest = used;
    for _ in 0..8 {
        app.clock.advance(day * 10);
        latest = app.refresh(&latest.refresh_token).await.unwrap();
    }
    assert!(is_invalid(&app, &idle.refresh_token).await, "idle for more than two weeks");
    app.clock.advance(day * 10);
    assert!(is_invalid(&app, &latest.refresh_token).await, "ninety days old");
}

#[tokio::test]
async fn a_login_over_the_limit_ends_the_oldest_session() {
    let app = app();
    let ada = app.user("ada").await;
    let first = app.start_session("ada").await;
    for _ in 0..50 {
        app.clock.advance(seconds(1));
        app.start_session("ada").await;
    }
    assert!(!is_accepted(&app, &first).await);
    assert_eq!(count(&app, &ada).await, 50);
}

#[tokio::test]
async fn concurrent_logins_respect_the_session_limit() {
    let app = app();
    let ada = app.user("ada").await;
    for _ in 0..50 {
        app.start_session("ada").await;
    }
    for _ in 0..8 {
        // At the same time: each decides which session to end without knowing of the others.
        join_all((0..12).map(|_| app.start_session("ada"))).await;
        assert_eq!(count(&app, &ada).await, 50);
    }
}

#[tokio::test]
async fn logging_out_ends_the_calling_session_or_all() {
    let app = app();
    app.user("ada").await;
    let (here, there) = (app.start_session("ada").await, app.start_session("ada").await);
    app.roster.log_out(&call(&app, &here).await, LogOut::This).await.unwrap();
    assert!(!is_accepted(&app, &here).await && is_accepted(&app, &there).await);
    let third = app.start_session("ada").await;
    app.roster.log_out(&call(&app, &there).await, LogOut::Everywhere).await.unwrap();
    assert!(!is_accepted(&app, &there).await && !is_accepted(&app, &third).await);
    assert!(is_invalid(&app, &third.refresh_token).await);
}

#[tokio::test]
async fn a_password_change_ends_the_other_sessions_and_every_old_token() {
    let app = app();
    let ada = app.user("ada").await;
    let (here, there) = (app.start_session("ada").await, app.start_session("ada").await);
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: Some(secret(PASSWORD)),
        password: secret("another fine sentence"),
    };
    let changed = app.roster.change_password(&call(&app, &here).await, ada.id, new).await.unwrap();
    let PasswordChanged::Own(now) = changed else { panic!("it was their own") };
    assert_eq!(now.session.id, here.session.id, "the calling session continues");
    assert!(is_accepted(&app, &now).await);
    for old in [&here, &there] {
        assert!(!is_accepted(&app, old).await && is_invalid(&app, &old.refresh_token).await);
    }
    app.refresh(&now.refresh_token).await.unwrap();
}

#[tokio::test]
async fn a_password_set_by_another_user_ends_all_sessions() {
    let app = app();
    let (ada, root) = (app.user("ada").await, app.admin("root").await);
    let session = app.start_session("ada").await;
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: None,
        password: secret("another fine sentence"),
    };
    app.roster.change_password(&by(&root), ada.id, new).await.unwrap();
    assert!(!is_accepted(&app, &session).await && is_invalid(&app, &session.refresh_token).await);
}

#[tokio::test]
async fn a_role_change_ends_access_tokens_but_not_refresh_tokens() {
    let app = app();
    let (ada, root) = (app.user("ada").await, app.admin("root").await);
    let session = app.start_session("ada").await;
    let draft = UserDraft { roles: Some(RoleSet::administrator()), ..UserDraft::default() };
    update(&app, &root, &ada, &draft).await.unwrap();
    assert!(!is_accepted(&app, &session).await);
    let next = app.refresh(&session.refresh_token).await.unwrap();
    assert!(is_accepted(&app, &next).await);
}

#[tokio::test]
async fn the_sessions_of_a_disabled_user_stay_ended() {
    let app = app();
    let (ada, root) = (app.user("ada").await, app.admin("root").await);
    let session = app.start_session("ada").await;
    for status in [StatusKind::Disabled, StatusKind::Active] {
        let draft = UserDraft { status: Some(status), ..UserDraft::default() };
        update(&app, &root, &ada, &draft).await.unwrap();
        assert!(
            !is_accepted(&app, &session).await && is_invalid(&app, &session.refresh_token).await,
            "{status}"
        );
    }
}

#[tokio::test]
async fn the_sessions_of_a_deleted_user_are_ended() {
    let app = app();
    let ada = app.user("ada").await;
    let session = app.start_session("ada").await;
    app.roster.delete_user(&call(&app, &session).await, ada.id, &Precondition::None).await.unwrap();
    assert!(!is_accepted(&app, &session).await && is_invalid(&app, &session.refresh_token).await);
    assert_eq!(count(&app, &ada).await, 0);
}

#[tokio::test]
async fn another_users_session_is_not_found_under_ones_own_id() {
    let app = app();
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let (own, others) = (app.start_session("ada").await, app.start_session("bob").await);
    let ada_call = call(&app, &own).await;
    let outcome = app.roster.revoke_session(&ada_call, ada.id, others.session.id).await;
    assert!(matches!(outcome, Err(Error::SessionNotFound)));
    let outcome = app.roster.revoke_session(&ada_call, bob.id, others.session.id).await;
    assert!(matches!(outcome, Err(Error::Denied(_))));
    assert!(is_accepted(&app, &others).await);
}

#[tokio::test]
async fn revoking_the_other_sessions_keeps_the_calling_one() {
    let app = app();
    let ada = app.user("ada").await;
    let (here, there) = (app.start_session("ada").await, app.start_session("ada").await);
    let caller = call(&app, &here).await;
    assert_eq!(app.roster.list_sessions(&caller, ada.id).await.unwrap().len(), 2);
    app.roster.revoke_sessions(&caller, ada.id, RevokeSessions::Others).await.unwrap();
    assert!(is_accepted(&app, &here).await && !is_accepted(&app, &there).await);
}

#[tokio::test]
async fn expired_sessions_are_swept() {
    let app = app();
    let ada = app.user("ada").await;
    app.start_session("ada").await;
    app.start_session("ada").await;
    assert_eq!(app.roster.sweep_sessions().await.unwrap().count, 0);
    app.clock.advance(SignedDuration::from_hours(15 * 24));
    let swept = app.roster.sweep_sessions().await.unwrap();
    assert_eq!((swept.count, swept.may_be_more), (2, false));
    assert_eq!(count(&app, &ada).await, 0);
}

#[tokio::test]
async fn the_use_of_a_session_is_recorded_at_most_once_a_minute() {
    let app = app();
    app.user("ada").await;
    let login = app.start_session("ada").await;
    app.clock.advance(seconds(59));
    assert!(is_accepted(&app, &login).await);
    let commits = app.store.metrics().commits;
    app.clock.advance(seconds(1));
    for _ in 0..10 {
        assert!(is_accepted(&app, &login).await);
    }
    while app.store.session(login.session.id).await.unwrap().unwrap().last_seen_at == login.session.created_at
    {
        tokio::task::yield_now().await;
    }
    // A commit is visible before it is counted, and counted before a later commit returns.
    app.user("bob").await;
    assert_eq!(app.store.metrics().commits, commits + 2);
}

#[tokio::test]
async fn a_caller_who_was_demoted_meanwhile_cannot_write() {
    let app = app();
    let (ada, root, other) = (app.user("ada").await, app.admin("root").await, app.admin("other").await);
    let stale = by(&root);
    let draft = UserDraft { roles: Some(RoleSet::ordinary()), ..UserDraft::default() };
    update(&app, &other, &root, &draft).await.unwrap();
    let outcome = app.roster.delete_user(&stale, ada.id, &Precondition::None).await;
    assert!(matches!(outcome, Err(Error::InvalidToken)));
    let draft =
        UserDraft { display_name: Some(None), status: Some(StatusKind::Disabled), ..UserDraft::default() };
    let outcome =
        app.roster.update_user(&stale, ada.id, &Precondition::None, Completeness::Partial, &draft).await;
    assert!(matches!(outcome, Err(Error::InvalidToken)));
    assert!(app.reload(&ada).await.unwrap().is_active());
}

#[tokio::test]
async fn a_caller_who_was_logged_out_meanwhile_cannot_write() {
    let app = app();
    let root = app.admin("root").await;
    let ada = app.user("ada").await;
    let (thief, owner) = (app.start_session("root").await, app.start_session("root").await);
    let stale = call(&app, &thief).await;
    app.roster.revoke_sessions(&call(&app, &owner).await, root.id, RevokeSessions::Others).await.unwrap();
    let draft = UserDraft { roles: Some(RoleSet::administrator()), ..UserDraft::default() };
    let updated =
        app.roster.update_user(&stale, ada.id, &Precondition::None, Completeness::Partial, &draft).await;
    assert!(matches!(updated, Err(Error::InvalidToken)));
    let deleted = app.roster.delete_user(&stale, ada.id, &Precondition::None).await;
    assert!(matches!(deleted, Err(Error::InvalidToken)));
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: None,
        password: secret("another fine sentence"),
    };
    let set = app.roster.change_password(&stale, ada.id, new).await;
    assert!(matches!(set, Err(Error::InvalidToken)));
    let revoked = app.roster.revoke_sessions(&stale, root.id, RevokeSessions::All).await;
    assert!(matches!(revoked, Err(Error::InvalidToken)));
    assert_eq!(app.reload(&ada).await.unwrap(), ada);
    assert!(is_accepted(&app, &owner).await);
}

async fn update(app: &App, by_whom: &User, user: &User, draft: &UserDraft) -> Result<(), Error> {
    let call = by(by_whom);
    app.roster
        .update_user(&call, user.id, &Precondition::None, Completeness::Partial, draft)
        .await
        .map(|_| ())
}

#[tokio::test]
async fn revoking_an_access_token_that_is_no_longer_accepted_does_not_end_the_session() {
    let app = app();
    let ada = app.user("ada").await;
    let stolen = app.start_session("ada").await;
    let call = call(&app, &stolen).await;
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: Some(secret(PASSWORD)),
        password: secret("quite another sentence"),
    };
    let changed = app.roster.change_password(&call, ada.id, new).await.unwrap();
    let PasswordChanged::Own(here) = changed else { panic!("it was their own") };
    app.roster.revoke_token(&anonymous(), stolen.token.as_str()).await.unwrap();
    assert!(is_accepted(&app, &here).await, "the owner stays logged in");
    app.roster.revoke_token(&anonymous(), here.token.as_str()).await.unwrap();
    assert!(!is_accepted(&app, &here).await);
}
