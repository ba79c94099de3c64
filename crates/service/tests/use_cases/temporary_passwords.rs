//! Temporary passwords, which must be replaced before anything else.

use crate::kit::{App, PASSWORD, anonymous, app, new_user, secret};
use jiff::SignedDuration;
use roster_domain::{
    AuditQuery, Field, Origin, PasswordKind, PendingReason, PendingReasons, Status, StatusKind, User,
};
use roster_service::{
    Call, Completeness, Error, LoginOutcome, LoginResult, NewPassword, NewUser, PasswordChanged,
    Precondition, PrivilegedFields, RefreshOutcome, UserDraft,
};
use roster_storage::{Change, Store as _, UnitOfWork};
use std::pin::pin;
use std::sync::Arc;

const OWN: &str = "a sentence of their own";

/// A user with a temporary password.
async fn user_with_temporary_password(app: &App) -> Arc<User> {
    let privileged = PrivilegedFields { must_change_password: Some(true), ..PrivilegedFields::default() };
    let new = NewUser { privileged, ..new_user("ada") };
    app.roster.register_user(&Call::operator(), new).await.unwrap()
}

async fn password_change_token(app: &App) -> String {
    let result = app.roster.log_in_or_change_password(&anonymous(), "ada", secret(PASSWORD)).await.unwrap();
    match result {
        LoginResult::PasswordChange(login) => login.token.text().to_string(),
        LoginResult::Session(_) => panic!("the login opened a session"),
    }
}

async fn authenticate(app: &App, token: &str) -> Result<Call, Error> {
    app.roster.authenticate_to_change_password(token, Origin::default()).await
}

fn own_password() -> NewPassword {
    NewPassword { kind: None, precondition: Precondition::None, current: None, password: secret(OWN) }
}

fn set_by_another(kind: Option<PasswordKind>) -> NewPassword {
    NewPassword { kind, ..own_password() }
}

async fn set_must_change_password(app: &App, user: &User, must_change_password: bool) {
    let draft = UserDraft { must_change_password: Some(must_change_password), ..UserDraft::default() };
    let (none, partial) = (Precondition::None, Completeness::Partial);
    app.roster.update_user(&Call::operator(), user.id, &none, partial, &draft).await.unwrap();
}

#[tokio::test]
async fn a_login_with_a_temporary_password_opens_no_session() {
    let app = app();
    let ada = user_with_temporary_password(&app).await;
    let _ = password_change_token(&app).await;
    assert!(matches!(app.log_in("ada", PASSWORD).await, Err(Error::PasswordChangeRequired)));
    assert!(app.store.sessions(ada.id).await.unwrap().is_empty());
    assert_eq!(app.reload(&ada).await.unwrap().last_login_at, None);
    assert_eq!(app.roster.counters().logins(LoginOutcome::PasswordChangeRequired), 2);
}

#[tokio::test]
async fn a_password_change_token_is_valid_for_ten_minutes_and_only_for_this() {
    let app = app();
    let ada = user_with_temporary_password(&app).await;
    let token = password_change_token(&app).await;
    assert!(matches!(app.authenticate(&token).await, Err(Error::PasswordChangeRequired)));
    let call = authenticate(&app, &token).await.unwrap();
    assert!(call.principal.is(ada.id) && call.principal.must_change_password());
    app.clock.advance(SignedDuration::from_secs(599));
    authenticate(&app, &token).await.unwrap();
    app.clock.advance(SignedDuration::from_secs(1));
    assert!(matches!(authenticate(&app, &token).await, Err(Error::InvalidToken)));
    assert!(matches!(app.authenticate(&token).await, Err(Error::InvalidToken)));
}

#[tokio::test]
async fn of_two_concurrent_changes_with_one_token_one_succeeds() {
    let app = app();
    let ada = user_with_temporary_password(&app).await;
    let call = authenticate(&app, &password_change_token(&app).await).await.unwrap();
    let change = || app.roster.change_password(&call, ada.id, own_password());
    let (first, second) = tokio::join!(change(), change());
    let succeeded = [&first, &second].into_iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(succeeded, 1, "{first:?} {second:?}");
    assert!([first, second].into_iter().any(|outcome| matches!(outcome, Err(Error::InvalidToken))));
    assert_eq!(app.store.sessions(ada.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_change_fails_if_the_user_was_disabled_meanwhile() {
    let app = app();
    let ada = user_with_temporary_password(&app).await;
    let call = authenticate(&app, &password_change_token(&app).await).await.unwrap();
    let mut change = pin!(app.roster.change_password(&call, ada.id, own_password()));
    app.run_until_hashing(change.as_mut()).await;
    let draft = UserDraft { status: Some(StatusKind::Disabled), ..UserDraft::default() };
    let (none, partial) = (Precondition::None, Completeness::Partial);
    app.roster.update_user(&Call::operator(), ada.id, &none, partial, &draft).await.unwrap();
    assert!(matches!(change.await, Err(Error::InvalidToken)));
    assert!(app.reload(&ada).await.unwrap().must_change_password);
}

#[tokio::test]
async fn replacing_a_temporary_password_opens_a_session() {
    let app = app();
    let ada = user_with_temporary_password(&app).await;
    let call = authenticate(&app, &password_change_token(&app).await).await.unwrap();
    let changed = app.roster.change_password(&call, ada.id, own_password()).await.unwrap();
    let PasswordChanged::Own(logged_in) = changed else { panic!("it was their own") };
    app.authenticate(logged_in.token.as_str()).await.unwrap();
    let now = app.reload(&ada).await.unwrap();
    assert!(!now.must_change_password && now.last_login_at.is_some());
}

#[tokio::test]
async fn a_refresh_token_works_again_once_the_temporary_password_is_replaced() {
    let app = app();
    let ada = app.user("ada").await;
    let login = app.start_session("ada").await;
    set_must_change_password(&app, &ada, true).await;
    assert!(matches!(app.refresh(&login.refresh_token).await, Err(Error::PasswordChangeRequired)));
    assert_eq!(app.roster.counters().refreshes(RefreshOutcome::PasswordChangeRequired), 1);
    set_must_change_password(&app, &ada, false).await;
    app.refresh(&login.refresh_token).await.unwrap();
}

#[tokio::test]
async fn reuse_of_a_refresh_token_is_detected_while_the_password_is_temporary() {
    let app = app();
    let ada = app.user("ada").await;
    let login = app.start_session("ada").await;
    app.refresh(&login.refresh_token).await.unwrap();
    app.clock.advance(SignedDuration::from_secs(11));
    set_must_change_password(&app, &ada, true).await;
    assert!(matches!(
        app.refresh(&login.refresh_token).await,
        Err(Error::InvalidRefreshToken { reused: true })
    ));
    assert!(app.store.sessions(ada.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_administrator_with_a_temporary_password_has_no_permissions() {
    let app = app();
    let (root, ada) = (app.admin("root").await, app.user("ada").await);
    let login = app.start_session("root").await;
    set_must_change_password(&app, &root, true).await;
    let call = authenticate(&app, login.token.as_str()).await.unwrap();
    let outcome = app.roster.change_password(&call, ada.id, set_by_another(None)).await;
    assert!(matches!(outcome, Err(Error::PasswordChangeRequired)));
    assert!(matches!(app.roster.show_user(&call, ada.id).await, Err(Error::Denied(_))));
}

/// A user who is pending for these reasons, as after an import.
async fn pending(app: &App, name: &str, reasons: PendingReasons) -> Arc<User> {
    let user = app.user(name).await;
    let pending = Arc::new((*user).clone().with(|user| user.status = Status::Pending { reasons }));
    let log = app.roster.audit_records(&Call::operator(), &AuditQuery::default()).await.unwrap();
    let record = (*log.items[0]).clone();
    app.store.commit(UnitOfWork::audited(record).write(Change::PutUser(pending.clone()))).await.unwrap();
    pending
}

#[tokio::test]
async fn setting_a_password_activates_a_user_who_was_pending_only_for_that() {
    let app = app();
    let password = Field::Password;
    for (name, reasons, status, changed) in [
        ("ada", &[PendingReason::NoPassword][..], StatusKind::Active, vec![password, Field::Status]),
        (
            "bob",
            &[PendingReason::NoPassword, PendingReason::LockedBefore],
            StatusKind::Pending,
            vec![password, Field::Status],
        ),
        ("clara", &[PendingReason::Unknown], StatusKind::Pending, vec![password]),
    ] {
        let user = pending(&app, name, PendingReasons::new(reasons.iter().copied()).unwrap()).await;
        app.roster.change_password(&Call::operator(), user.id, set_by_another(None)).await.unwrap();
        assert_eq!(app.reload(&user).await.unwrap().status.kind(), status, "{name}");
        let log = app.roster.audit_records(&Call::operator(), &AuditQuery::default()).await.unwrap();
        assert_eq!(log.items[0].changed, changed, "{name}");
    }
}
