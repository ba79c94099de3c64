//! Sessions: how they go on, and how they end.

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

pub(crate) async fn is_in(app: &App, logged_in: &LoggedIn) -> bool {
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
async fn a_session_expires_idle_or_at_its_end() {
    let app = app();
    app.user("ada").await;
    let (idle, used) = (app.begin("ada").await, app.begin("ada").await);
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
    let first = app.begin("ada").await;
    for _ in 0..50 {
        app.clock.advance(seconds(1));
        app.begin("ada").await;
    }
    assert!(!is_in(&app, &first).await);
    assert_eq!(count(&app, &ada).await, 50);
}

#[tokio::test]
async fn racing_logins_keep_to_the_limit() {
    let app = app();
    let ada = app.user("ada").await;
    for _ in 0..50 {
        app.begin("ada").await;
    }
    for _ in 0..8 {
        // At one moment: each decides which session has to end before it knows of the others.
        join_all((0..12).map(|_| app.begin("ada"))).await;
        assert_eq!(count(&app, &ada).await, 50);
    }
}

#[tokio::test]
async fn logging_out_ends_this_session_or_all() {
    let app = app();
    app.user("ada").await;
    let (here, there) = (app.begin("ada").await, app.begin("ada").await);
    app.roster.log_out(&call(&app, &here).await, LogOut::This).await.unwrap();
    assert!(!is_in(&app, &here).await && is_in(&app, &there).await);
    let third = app.begin("ada").await;
    app.roster.log_out(&call(&app, &there).await, LogOut::Everywhere).await.unwrap();
    assert!(!is_in(&app, &there).await && !is_in(&app, &third).await);
    assert!(is_invalid(&app, &third.refresh_token).await);
}

#[tokio::test]
async fn a_password_change_ends_the_other_sessions_and_every_old_token() {
    let app = app();
    let ada = app.user("ada").await;
    let (here, there) = (app.begin("ada").await, app.begin("ada").await);
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: Some(secret(PASSWORD)),
        password: secret("another fine sentence"),
    };
    let changed = app.roster.change_password(&call(&app, &here).await, ada.id, new).await.unwrap();
    let PasswordChanged::Own(now) = changed else { panic!("it was their own") };
    assert_eq!(now.session.id, here.session.id, "this one goes on");
    assert!(is_in(&app, &now).await);
    for old in [&here, &there] {
        assert!(!is_in(&app, old).await && is_invalid(&app, &old.refresh_token).await);
    }
    app.refresh(&now.refresh_token).await.unwrap();
}

#[tokio::test]
async fn a_password_set_by_somebody_else_ends_all_sessions() {
    let app = app();
    let (ada, root) = (app.user("ada").await, app.admin("root").await);
    let session = app.begin("ada").await;
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: None,
        password: secret("another fine sentence"),
    };
    app.roster.change_password(&by(&root), ada.id, new).await.unwrap();
    assert!(!is_in(&app, &session).await && is_invalid(&app, &session.refresh_token).await);
}

#[tokio::test]
async fn a_role_change_ends_access_tokens_and_leaves_refresh() {
    let app = app();
    let (ada, root) = (app.user("ada").await, app.admin("root").await);
    let session = app.begin("ada").await;
    let draft = UserDraft { roles: Some(RoleSet::administrator()), ..UserDraft::default() };
    update(&app, &root, &ada, &draft).await.unwrap();
    assert!(!is_in(&app, &session).await);
    let next = app.refresh(&session.refresh_token).await.unwrap();
    assert!(is_in(&app, &next).await);
}

#[tokio::test]
async fn a_disabled_user_is_out_for_good() {
    let app = app();
    let (ada, root) = (app.user("ada").await, app.admin("root").await);
    let session = app.begin("ada").await;
    for status in [StatusKind::Disabled, StatusKind::Active] {
        let draft = UserDraft { status: Some(status), ..UserDraft::default() };
        update(&app, &root, &ada, &draft).await.unwrap();
        assert!(!is_in(&app, &session).await && is_invalid(&app, &session.refresh_token).await, "{status}");
    }
}

#[tokio::test]
async fn an_erased_user_is_out_for_good() {
    let app = app();
    let ada = app.user("ada").await;
    let session = app.begin("ada").await;
    app.roster.delete_user(&call(&app, &session).await, ada.id, &Precondition::None).await.unwrap();
    assert!(!is_in(&app, &session).await && is_invalid(&app, &session.refresh_token).await);
    assert_eq!(count(&app, &ada).await, 0);
}

#[tokio::test]
async fn somebody_elses_session_is_not_found_under_ones_own_name() {
    let app = app();
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let (own, others) = (app.begin("ada").await, app.begin("bob").await);
    let ada_asks = call(&app, &own).await;
    let outcome = app.roster.revoke_session(&ada_asks, ada.id, others.session.id).await;
    assert!(matches!(outcome, Err(Error::SessionNotFound)));
    let outcome = app.roster.revoke_session(&ada_asks, bob.id, others.session.id).await;
    assert!(matches!(outcome, Err(Error::Denied(_))));
    assert!(is_in(&app, &others).await);
}

#[tokio::test]
async fn the_others_end_and_the_one_that_asks_goes_on() {
    let app = app();
    let ada = app.user("ada").await;
    let (here, there) = (app.begin("ada").await, app.begin("ada").await);
    let asks = call(&app, &here).await;
    assert_eq!(app.roster.list_sessions(&asks, ada.id).await.unwrap().len(), 2);
    app.roster.revoke_sessions(&asks, ada.id, RevokeSessions::Others).await.unwrap();
    assert!(is_in(&app, &here).await && !is_in(&app, &there).await);
}

#[tokio::test]
async fn expired_sessions_are_swept() {
    let app = app();
    let ada = app.user("ada").await;
    app.begin("ada").await;
    app.begin("ada").await;
    assert_eq!(app.roster.sweep_sessions().await.unwrap().count, 0);
    app.clock.advance(SignedDuration::from_hours(15 * 24));
    let swept = app.roster.sweep_sessions().await.unwrap();
    assert_eq!((swept.count, swept.may_be_more), (2, false));
    assert_eq!(count(&app, &ada).await, 0);
}

#[tokio::test]
async fn use_is_written_down_at_most_once_a_minute() {
    let app = app();
    app.user("ada").await;
    let login = app.begin("ada").await;
    app.clock.advance(seconds(59));
    assert!(is_in(&app, &login).await);
    let commits = app.store.metrics().commits;
    app.clock.advance(seconds(1));
    for _ in 0..10 {
        assert!(is_in(&app, &login).await);
    }
    while app.store.session(login.session.id).await.unwrap().unwrap().last_seen_at == login.session.created_at
    {
        tokio::task::yield_now().await;
    }
    // What was committed is seen before it is counted, and counted before a later commit is answered.
    app.user("bob").await;
    assert_eq!(app.store.metrics().commits, commits + 2);
}

#[tokio::test]
async fn a_caller_who_was_demoted_meanwhile_does_nothing_more() {
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
    assert!(app.now(&ada).await.unwrap().is_active());
}

#[tokio::test]
async fn a_caller_who_was_logged_out_meanwhile_does_nothing_more() {
    let app = app();
    let root = app.admin("root").await;
    let ada = app.user("ada").await;
    let (thief, owner) = (app.begin("root").await, app.begin("root").await);
    let half_sent = call(&app, &thief).await;
    app.roster.revoke_sessions(&call(&app, &owner).await, root.id, RevokeSessions::Others).await.unwrap();
    let draft = UserDraft { roles: Some(RoleSet::administrator()), ..UserDraft::default() };
    let updated =
        app.roster.update_user(&half_sent, ada.id, &Precondition::None, Completeness::Partial, &draft).await;
    assert!(matches!(updated, Err(Error::InvalidToken)));
    let deleted = app.roster.delete_user(&half_sent, ada.id, &Precondition::None).await;
    assert!(matches!(deleted, Err(Error::InvalidToken)));
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: None,
        password: secret("another fine sentence"),
    };
    let set = app.roster.change_password(&half_sent, ada.id, new).await;
    assert!(matches!(set, Err(Error::InvalidToken)));
    let revoked = app.roster.revoke_sessions(&half_sent, root.id, RevokeSessions::All).await;
    assert!(matches!(revoked, Err(Error::InvalidToken)));
    assert_eq!(app.now(&ada).await.unwrap(), ada);
    assert!(is_in(&app, &owner).await);
}

async fn update(app: &App, by_whom: &User, user: &User, draft: &UserDraft) -> Result<(), Error> {
    let call = by(by_whom);
    app.roster
        .update_user(&call, user.id, &Precondition::None, Completeness::Partial, draft)
        .await
        .map(|_| ())
}

#[tokio::test]
async fn an_access_token_that_lets_nobody_in_any_more_ends_nothing() {
    let app = app();
    let ada = app.user("ada").await;
    let stolen = app.begin("ada").await;
    let call = call(&app, &stolen).await;
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: Some(secret(PASSWORD)),
        password: secret("quite another sentence"),
    };
    let changed = app.roster.change_password(&call, ada.id, new).await.unwrap();
    let PasswordChanged::Own(here) = changed else { panic!("it is their own") };
    app.roster.revoke_token(&anonymous(), stolen.token.as_str()).await.unwrap();
    assert!(is_in(&app, &here).await, "the owner stays in");
    app.roster.revoke_token(&anonymous(), here.token.as_str()).await.unwrap();
    assert!(!is_in(&app, &here).await);
}
