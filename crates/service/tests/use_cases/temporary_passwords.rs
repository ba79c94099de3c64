//! A password that has to be replaced before anything else.

use crate::kit::{App, PASSWORD, anonymous, app, new_user, secret};
use jiff::SignedDuration;
use roster_domain::{
    AuditQuery, Field, Origin, PasswordKind, PendingReason, PendingReasons, Status, StatusKind, User,
};
use roster_service::{
    Call, Completeness, Error, LoginAnswer, LoginOutcome, NewPassword, NewUser, PasswordChanged,
    Precondition, PrivilegedFields, RefreshOutcome, UserDraft,
};
use roster_storage::{Change, Store as _, UnitOfWork};
use std::pin::pin;
use std::sync::Arc;

const OWN: &str = "a sentence of their own";

/// Somebody with a temporary password.
async fn newcomer(app: &App) -> Arc<User> {
    let privileged = PrivilegedFields { must_change_password: Some(true), ..PrivilegedFields::default() };
    let new = NewUser { privileged, ..new_user("ada") };
    app.roster.register_user(&Call::operator(), new).await.unwrap()
}

async fn password_change_token(app: &App) -> String {
    let answer = app.roster.log_in_or_change_password(&anonymous(), "ada", secret(PASSWORD)).await.unwrap();
    match answer {
        LoginAnswer::PasswordChange(login) => login.token.text().to_string(),
        LoginAnswer::Session(_) => panic!("a session"),
    }
}

async fn let_in(app: &App, token: &str) -> Result<Call, Error> {
    app.roster.authenticate_to_change_password(token, Origin::default()).await
}

fn own_password() -> NewPassword {
    NewPassword { kind: None, precondition: Precondition::None, current: None, password: secret(OWN) }
}

fn set_by_another(kind: Option<PasswordKind>) -> NewPassword {
    NewPassword { kind, ..own_password() }
}

async fn mark(app: &App, user: &User, must_change_password: bool) {
    let draft = UserDraft { must_change_password: Some(must_change_password), ..UserDraft::default() };
    let (none, partial) = (Precondition::None, Completeness::Partial);
    app.roster.update_user(&Call::operator(), user.id, &none, partial, &draft).await.unwrap();
}

#[tokio::test]
async fn a_login_with_a_temporary_password_opens_no_session() {
    let app = app();
    let ada = newcomer(&app).await;
    let _ = password_change_token(&app).await;
    assert!(matches!(app.log_in("ada", PASSWORD).await, Err(Error::PasswordChangeRequired)));
    assert!(app.store.sessions(ada.id).await.unwrap().is_empty());
    assert_eq!(app.now(&ada).await.unwrap().last_login_at, None);
    assert_eq!(app.roster.counters().logins(LoginOutcome::PasswordChangeRequired), 2);
}

#[tokio::test]
async fn a_password_change_token_is_good_for_ten_minutes_and_for_nothing_else() {
    let app = app();
    let ada = newcomer(&app).await;
    let token = password_change_token(&app).await;
    assert!(matches!(app.authenticate(&token).await, Err(Error::PasswordChangeRequired)));
    let call = let_in(&app, &token).await.unwrap();
    assert!(call.principal.is(ada.id) && call.principal.must_change_password());
    app.clock.advance(SignedDuration::from_secs(599));
    let_in(&app, &token).await.unwrap();
    app.clock.advance(SignedDuration::from_secs(1));
    assert!(matches!(let_in(&app, &token).await, Err(Error::InvalidToken)));
    assert!(matches!(app.authenticate(&token).await, Err(Error::InvalidToken)));
}

#[tokio::test]
async fn of_two_changes_with_one_token_one_wins() {
    let app = app();
    let ada = newcomer(&app).await;
    let call = let_in(&app, &password_change_token(&app).await).await.unwrap();
    let change = || app.roster.change_password(&call, ada.id, own_password());
    let (first, second) = tokio::join!(change(), change());
    let won = [&first, &second].into_iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(won, 1, "{first:?} {second:?}");
    assert!([first, second].into_iter().any(|outcome| matches!(outcome, Err(Error::InvalidToken))));
    assert_eq!(app.store.sessions(ada.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_change_that_was_let_in_before_somebody_was_disabled_changes_nothing() {
    let app = app();
    let ada = newcomer(&app).await;
    let call = let_in(&app, &password_change_token(&app).await).await.unwrap();
    let mut changing = pin!(app.roster.change_password(&call, ada.id, own_password()));
    app.until_it_hashes(changing.as_mut()).await;
    let draft = UserDraft { status: Some(StatusKind::Disabled), ..UserDraft::default() };
    let (none, partial) = (Precondition::None, Completeness::Partial);
    app.roster.update_user(&Call::operator(), ada.id, &none, partial, &draft).await.unwrap();
    assert!(matches!(changing.await, Err(Error::InvalidToken)));
    assert!(app.now(&ada).await.unwrap().must_change_password);
}

#[tokio::test]
async fn the_change_is_a_login_with_a_session() {
    let app = app();
    let ada = newcomer(&app).await;
    let call = let_in(&app, &password_change_token(&app).await).await.unwrap();
    let changed = app.roster.change_password(&call, ada.id, own_password()).await.unwrap();
    let PasswordChanged::Own(logged_in) = changed else { panic!("it was one's own") };
    app.authenticate(logged_in.token.as_str()).await.unwrap();
    let now = app.now(&ada).await.unwrap();
    assert!(!now.must_change_password && now.last_login_at.is_some());
}

#[tokio::test]
async fn a_refresh_token_waits_until_the_temporary_password_is_replaced() {
    let app = app();
    let ada = app.user("ada").await;
    let login = app.begin("ada").await;
    mark(&app, &ada, true).await;
    assert!(matches!(app.refresh(&login.refresh_token).await, Err(Error::PasswordChangeRequired)));
    assert_eq!(app.roster.counters().refreshes(RefreshOutcome::PasswordChangeRequired), 1);
    mark(&app, &ada, false).await;
    app.refresh(&login.refresh_token).await.unwrap();
}

#[tokio::test]
async fn a_stolen_refresh_token_is_found_out_though_the_mark_is_there() {
    let app = app();
    let ada = app.user("ada").await;
    let login = app.begin("ada").await;
    app.refresh(&login.refresh_token).await.unwrap();
    app.clock.advance(SignedDuration::from_secs(11));
    mark(&app, &ada, true).await;
    assert!(matches!(
        app.refresh(&login.refresh_token).await,
        Err(Error::InvalidRefreshToken { reused: true })
    ));
    assert!(app.store.sessions(ada.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_administrator_with_a_temporary_password_administers_nothing() {
    let app = app();
    let (root, ada) = (app.admin("root").await, app.user("ada").await);
    let login = app.begin("root").await;
    mark(&app, &root, true).await;
    let call = let_in(&app, login.token.as_str()).await.unwrap();
    let outcome = app.roster.change_password(&call, ada.id, set_by_another(None)).await;
    assert!(matches!(outcome, Err(Error::PasswordChangeRequired)));
    assert!(matches!(app.roster.show_user(&call, ada.id).await, Err(Error::Denied(_))));
}

/// Somebody who is pending for these reasons, as an import makes them.
async fn pending(app: &App, name: &str, reasons: PendingReasons) -> Arc<User> {
    let user = app.user(name).await;
    let pending = Arc::new((*user).clone().with(|user| user.status = Status::Pending { reasons }));
    let log = app.roster.audit_records(&Call::operator(), &AuditQuery::default()).await.unwrap();
    let record = (*log.items[0]).clone();
    app.store.commit(UnitOfWork::audited(record).write(Change::PutUser(pending.clone()))).await.unwrap();
    pending
}

#[tokio::test]
async fn a_password_makes_active_whoever_waited_for_one_alone_and_the_log_says_so() {
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
        assert_eq!(app.now(&user).await.unwrap().status.kind(), status, "{name}");
        let log = app.roster.audit_records(&Call::operator(), &AuditQuery::default()).await.unwrap();
        assert_eq!(log.items[0].changed, changed, "{name}");
    }
}
