//! Logins, tokens and passwords.

use crate::kit::{App, PASSWORD, anonymous, app, by, new_user, secret};
use jiff::SignedDuration;
use roster_domain::{Action, Actor, AuditId, AuditRecord, Username};
use roster_domain::{Credential, PasswordHash, RoleSet, StatusKind, User};
use roster_service::{
    Completeness, Error, FirstAdministrator, FirstAdministratorOutcome, NewPassword, PasswordChanged,
    Precondition, UserDraft,
};
use roster_storage::{Change, Guard, Store, UnitOfWork};
use std::sync::Arc;

const OTHER: &str = "quite another sentence";

/// Replaces the user's hash by one from another system.
pub(crate) async fn with_hash(app: &App, user: &User, hash: &str) -> Arc<User> {
    let credential = Credential::Password(PasswordHash::new(hash).unwrap());
    let user = Arc::new((*app.reload(user).await.unwrap()).clone().with(|user| user.credential = credential));
    let record = AuditRecord {
        id: AuditId::from(*user.id.as_uuid()),
        target: Some(user.id.into()),
        ..AuditRecord::new(user.created_at, [0; 10], Actor::System, Action::UserImported)
    };
    let work = UnitOfWork::audited(record)
        .require(Guard::UserVersion(user.id, user.version))
        .write(Change::PutUser(user.clone()));
    app.store.commit(work).await.unwrap();
    user
}

async fn update(app: &App, user: &User, draft: UserDraft) {
    let call = roster_service::Call::operator();
    app.roster.update_user(&call, user.id, &Precondition::None, Completeness::Partial, &draft).await.unwrap();
}

#[tokio::test]
async fn a_user_can_log_in_with_any_spelling_of_their_names() {
    let app = app();
    let ada = app.user("ada").await;
    for login in ["ada", "ADA", "ada@example.com", "Ada@EXAMPLE.com"] {
        let token = app.log_in(login, PASSWORD).await.unwrap();
        assert_eq!(app.authenticate(&token).await.unwrap().principal.user_id(), Some(ada.id));
    }
    let after = app.reload(&ada).await.unwrap();
    assert_eq!((after.version, after.last_login_at.is_some()), (ada.version, true));
}

#[tokio::test]
async fn a_wrong_login_and_a_wrong_password_are_the_same_error() {
    let app = app();
    app.user("ada").await;
    for (login, password) in [("ada", "wrong"), ("nobody", PASSWORD), ("", ""), ("ada", &*"x".repeat(5_000))]
    {
        assert!(matches!(app.log_in(login, password).await, Err(Error::BadCredentials)), "{login}");
    }
}

#[tokio::test]
async fn only_the_correct_password_reveals_that_an_account_is_disabled() {
    let app = app();
    let ada = app.user("ada").await;
    let disabled = UserDraft { status: Some(StatusKind::Disabled), ..UserDraft::default() };
    update(&app, &ada, disabled).await;
    assert!(matches!(app.log_in("ada", "wrong").await, Err(Error::BadCredentials)));
    assert!(matches!(app.log_in("ada", PASSWORD).await, Err(Error::NotActive(StatusKind::Disabled))));
}

#[tokio::test]
async fn a_token_ends_on_expiry_deletion_and_changes_of_status_role_or_password() {
    let app = app();
    for (n, name) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
        let user = app.user(name).await;
        let token = app.log_in(name, PASSWORD).await.unwrap();
        app.authenticate(&token).await.unwrap();
        let draft = UserDraft::default;
        match n {
            0 => update(&app, &user, UserDraft { status: Some(StatusKind::Disabled), ..draft() }).await,
            1 => {
                let roles = Some(RoleSet::administrator());
                update(&app, &user, UserDraft { roles, ..draft() }).await;
            }
            2 => {
                let new = NewPassword {
                    kind: None,
                    precondition: Precondition::None,
                    current: Some(secret(PASSWORD)),
                    password: secret(OTHER),
                };
                app.roster.change_password(&by(&user), user.id, new).await.unwrap();
            }
            3 => app.roster.delete_user(&by(&user), user.id, &Precondition::None).await.unwrap(),
            _ => app.clock.advance(SignedDuration::from_mins(16)),
        }
        assert!(matches!(app.authenticate(&token).await, Err(Error::InvalidToken)), "{name}");
    }
}

#[tokio::test]
async fn a_token_of_an_expired_session_is_rejected_before_the_session_is_swept() {
    let app = app();
    app.user("ada").await;
    let login = app.start_session("ada").await;
    let token = || app.mint(&login.user, &login.session);
    app.authenticate(&token()).await.unwrap();
    app.clock.advance(SignedDuration::from_hours(14 * 24));
    assert!(app.store.session(login.session.id).await.unwrap().is_some());
    assert!(matches!(app.authenticate(&token()).await, Err(Error::InvalidToken)));
}

#[tokio::test]
async fn a_token_with_another_users_session_is_rejected() {
    let app = app();
    app.user("ada").await;
    app.user("bob").await;
    let (ada, bob) = (app.start_session("ada").await, app.start_session("bob").await);
    app.authenticate(&app.mint(&ada.user, &ada.session)).await.unwrap();
    let mixed = app.authenticate(&app.mint(&ada.user, &bob.session)).await;
    assert!(matches!(mixed, Err(Error::InvalidToken)));
}

#[tokio::test]
async fn a_token_stays_invalid_after_its_user_is_enabled_again() {
    let app = app();
    let ada = app.user("ada").await;
    let token = app.log_in("ada", PASSWORD).await.unwrap();
    for status in [StatusKind::Disabled, StatusKind::Active] {
        update(&app, &ada, UserDraft { status: Some(status), ..UserDraft::default() }).await;
    }
    assert!(matches!(app.authenticate(&token).await, Err(Error::InvalidToken)));
}

#[tokio::test]
async fn an_outdated_hash_is_replaced_by_a_successful_login() {
    let app = app();
    let ada = app.user("ada").await;
    // passlib's pbkdf2-sha256 of "passlib-Xiu-2026".
    let foreign = "$pbkdf2-sha256$29000$RGht7R3D2DsHAGDsPSdk7A$J58sgLIvHargHPG62fnzBjpTWN/T//w5GukvdrFzeL4";
    with_hash(&app, &ada, foreign).await;
    assert!(app.log_in("ada", "wrong").await.is_err());
    assert_eq!(app.reload(&ada).await.unwrap().credential.password_hash().unwrap().as_str(), foreign);
    app.log_in("ada", "passlib-Xiu-2026").await.unwrap();
    let after = app.reload(&ada).await.unwrap();
    assert!(after.credential.password_hash().unwrap().as_str().starts_with("$2b$04$"));
    assert_eq!((after.version, after.auth_epoch), (ada.version, ada.auth_epoch));
    app.log_in("ada", "passlib-Xiu-2026").await.unwrap();
}

#[tokio::test]
async fn changing_ones_password_requires_the_current_one_and_returns_a_new_token() {
    let app = app();
    let ada = app.user("ada").await;
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: Some(secret("wrong")),
        password: secret(OTHER),
    };
    let rejected = app.roster.change_password(&by(&ada), ada.id, new).await;
    assert!(matches!(rejected, Err(Error::CurrentPasswordWrong)));
    let new =
        NewPassword { kind: None, precondition: Precondition::None, current: None, password: secret(OTHER) };
    let rejected = app.roster.change_password(&by(&ada), ada.id, new).await;
    assert!(matches!(rejected, Err(Error::Invalid(errors)) if errors[0].pointer == "/current_password"));
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: Some(secret(PASSWORD)),
        password: secret(OTHER),
    };
    let changed = app.roster.change_password(&by(&ada), ada.id, new).await.unwrap();
    let PasswordChanged::Own(logged_in) = changed else { panic!("it was their own") };
    app.authenticate(logged_in.token.as_str()).await.unwrap();
    assert!(matches!(app.log_in("ada", PASSWORD).await, Err(Error::BadCredentials)));
    app.log_in("ada", OTHER).await.unwrap();
}

#[tokio::test]
async fn an_administrator_can_set_a_password_without_the_current_one() {
    let app = app();
    let (admin, ada) = (app.admin("root").await, app.user("ada").await);
    let new =
        NewPassword { kind: None, precondition: Precondition::None, current: None, password: secret(OTHER) };
    let changed = app.roster.change_password(&by(&admin), ada.id, new).await.unwrap();
    assert!(matches!(changed, PasswordChanged::Others));
    app.log_in("ada", OTHER).await.unwrap();
}

#[tokio::test]
async fn a_weak_password_is_rejected_with_a_reason() {
    let app = app();
    for (password, code) in
        [("short", "password_too_short"), ("password1", "password_common"), ("ada-example", "")]
    {
        let mut new = new_user("ada-example");
        new.password = secret(password);
        match app.roster.register_user(&anonymous(), new).await {
            Err(Error::Invalid(errors)) => {
                assert_eq!(errors[0].pointer, "/password");
                assert!(code.is_empty() || errors[0].code == code, "{password}: {}", errors[0].code);
            }
            other => panic!("{password}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn the_first_administrator_is_created_once_and_can_log_in() {
    let app = app();
    let first = || FirstAdministrator {
        username: Username::new("roster-admin").unwrap(),
        email: None,
        password: None,
    };
    let created = app.roster.create_first_administrator(first()).await.unwrap();
    let FirstAdministratorOutcome::CreatedWithPassword(password) = created else { panic!("{created:?}") };
    app.log_in("roster-admin", &password).await.unwrap();
    let again = app.roster.create_first_administrator(first()).await.unwrap();
    assert_eq!(again, FirstAdministratorOutcome::NotNeeded);
}
