//! Logins, tokens and passwords.

use crate::kit::{App, PASSWORD, anonymous, app, by, new_user, secret};
use jiff::SignedDuration;
use roster_domain::{Action, Actor, AuditId, AuditRecord, Origin, Outcome, Username};
use roster_domain::{Credential, PasswordHash, RoleSet, StatusKind, User};
use roster_service::{
    Completeness, Error, FirstAdministrator, FirstAdministratorOutcome, NewPassword, PasswordChanged,
    Precondition, UserDraft,
};
use roster_storage::{Change, Guard, Store, UnitOfWork};
use std::sync::Arc;

const OTHER: &str = "quite another sentence";

/// Puts a hash of another system in the place of the user's own.
pub(crate) async fn with_hash(app: &App, user: &User, hash: &str) -> Arc<User> {
    let credential = Credential::Password(PasswordHash::new(hash).unwrap());
    let user = Arc::new((*app.now(user).await.unwrap()).clone().with(|user| user.credential = credential));
    let record = AuditRecord {
        id: AuditId::from(*user.id.as_uuid()),
        at: user.created_at,
        actor: Actor::System,
        action: Action::UserImported,
        target: Some(user.id.into()),
        session: None,
        signing_key: None,
        outcome: Outcome::Success,
        origin: Origin::default(),
        changed: vec![],
        count: AuditRecord::ONCE,
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
async fn a_user_logs_in_by_any_name_and_is_who_the_token_says() {
    let app = app();
    let ada = app.user("ada").await;
    for login in ["ada", "ADA", "ada@example.com", "Ada@EXAMPLE.com"] {
        let token = app.log_in(login, PASSWORD).await.unwrap();
        assert_eq!(app.authenticate(&token).await.unwrap().principal.user_id(), Some(ada.id));
    }
    let after = app.now(&ada).await.unwrap();
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
async fn that_an_account_is_disabled_is_said_only_after_the_right_password() {
    let app = app();
    let ada = app.user("ada").await;
    let disabled = UserDraft { status: Some(StatusKind::Disabled), ..UserDraft::default() };
    update(&app, &ada, disabled).await;
    assert!(matches!(app.log_in("ada", "wrong").await, Err(Error::BadCredentials)));
    assert!(matches!(app.log_in("ada", PASSWORD).await, Err(Error::NotActive(StatusKind::Disabled))));
}

#[tokio::test]
async fn a_token_dies_with_its_status_its_role_its_password_its_account_and_its_time() {
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
async fn a_token_of_a_session_that_is_over_lets_nobody_in_though_it_is_not_swept_yet() {
    let app = app();
    app.user("ada").await;
    let login = app.begin("ada").await;
    let token = || app.mint(&login.user, &login.session);
    app.authenticate(&token()).await.unwrap();
    app.clock.advance(SignedDuration::from_hours(14 * 24));
    assert!(app.store.session(login.session.id).await.unwrap().is_some());
    assert!(matches!(app.authenticate(&token()).await, Err(Error::InvalidToken)));
}

#[tokio::test]
async fn a_token_of_somebody_elses_session_lets_nobody_in() {
    let app = app();
    app.user("ada").await;
    app.user("bob").await;
    let (ada, bob) = (app.begin("ada").await, app.begin("bob").await);
    app.authenticate(&app.mint(&ada.user, &ada.session)).await.unwrap();
    let mixed = app.authenticate(&app.mint(&ada.user, &bob.session)).await;
    assert!(matches!(mixed, Err(Error::InvalidToken)));
}

#[tokio::test]
async fn disabling_and_enabling_again_does_not_revive_a_token() {
    let app = app();
    let ada = app.user("ada").await;
    let token = app.log_in("ada", PASSWORD).await.unwrap();
    for status in [StatusKind::Disabled, StatusKind::Active] {
        update(&app, &ada, UserDraft { status: Some(status), ..UserDraft::default() }).await;
    }
    assert!(matches!(app.authenticate(&token).await, Err(Error::InvalidToken)));
}

#[tokio::test]
async fn an_outdated_hash_is_replaced_at_login_and_only_then() {
    let app = app();
    let ada = app.user("ada").await;
    // passlib's pbkdf2-sha256 of "passlib-Xiu-2026".
    let foreign = "$pbkdf2-sha256$29000$RGht7R3D2DsHAGDsPSdk7A$J58sgLIvHargHPG62fnzBjpTWN/T//w5GukvdrFzeL4";
    with_hash(&app, &ada, foreign).await;
    assert!(app.log_in("ada", "wrong").await.is_err());
    assert_eq!(app.now(&ada).await.unwrap().credential.password_hash().unwrap().as_str(), foreign);
    app.log_in("ada", "passlib-Xiu-2026").await.unwrap();
    let after = app.now(&ada).await.unwrap();
    assert!(after.credential.password_hash().unwrap().as_str().starts_with("$2b$04$"));
    assert_eq!((after.version, after.auth_epoch), (ada.version, ada.auth_epoch));
    app.log_in("ada", "passlib-Xiu-2026").await.unwrap();
}

#[tokio::test]
async fn a_password_change_needs_the_present_one_and_gives_a_token_that_goes_on() {
    let app = app();
    let ada = app.user("ada").await;
    let new = NewPassword {
        kind: None,
        precondition: Precondition::None,
        current: Some(secret("wrong")),
        password: secret(OTHER),
    };
    let refused = app.roster.change_password(&by(&ada), ada.id, new).await;
    assert!(matches!(refused, Err(Error::CurrentPasswordWrong)));
    let new =
        NewPassword { kind: None, precondition: Precondition::None, current: None, password: secret(OTHER) };
    let refused = app.roster.change_password(&by(&ada), ada.id, new).await;
    assert!(matches!(refused, Err(Error::Invalid(faults)) if faults[0].pointer == "/current_password"));
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
async fn an_administrator_sets_a_password_without_the_present_one() {
    let app = app();
    let (admin, ada) = (app.admin("root").await, app.user("ada").await);
    let new =
        NewPassword { kind: None, precondition: Precondition::None, current: None, password: secret(OTHER) };
    let changed = app.roster.change_password(&by(&admin), ada.id, new).await.unwrap();
    assert!(matches!(changed, PasswordChanged::Others));
    app.log_in("ada", OTHER).await.unwrap();
}

#[tokio::test]
async fn a_weak_password_is_refused_with_its_reason() {
    let app = app();
    for (password, code) in
        [("short", "password_too_short"), ("password1", "password_common"), ("ada-example", "")]
    {
        let mut new = new_user("ada-example");
        new.password = secret(password);
        match app.roster.register_user(&anonymous(), new).await {
            Err(Error::Invalid(faults)) => {
                assert_eq!(faults[0].pointer, "/password");
                assert!(code.is_empty() || faults[0].code == code, "{password}: {}", faults[0].code);
            }
            other => panic!("{password}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn the_first_administrator_is_made_once_and_logs_in() {
    let app = app();
    let first = || FirstAdministrator {
        username: Username::new("roster-admin").unwrap(),
        email: None,
        password: None,
    };
    let made = app.roster.create_first_administrator(first()).await.unwrap();
    let FirstAdministratorOutcome::CreatedWithPassword(password) = made else { panic!("{made:?}") };
    app.log_in("roster-admin", &password).await.unwrap();
    let again = app.roster.create_first_administrator(first()).await.unwrap();
    assert_eq!(again, FirstAdministratorOutcome::NotNeeded);
}
