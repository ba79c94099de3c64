//! Use cases for operators: unlocking users, and the names in audit records.

use crate::kit::{App, PASSWORD, app, app_with_limits, by};
use roster_domain::{Action, AuditQuery, OsUser};
use roster_service::{Call, Error, LimitSettings, NewServiceAccount, Precondition};

fn operator() -> Call {
    Call::operator_named(OsUser::new("anna").unwrap())
}

/// Fails to log in with this name until it is delayed.
async fn fail_until_delayed(app: &App, login: &str) {
    for _ in 0..20 {
        if is_delayed(app, login, "wrong").await {
            return;
        }
    }
    panic!("{login} is not delayed");
}

async fn is_delayed(app: &App, login: &str, password: &str) -> bool {
    matches!(app.log_in(login, password).await, Err(Error::TooMany(_)))
}

#[tokio::test]
async fn unlocking_a_user_lifts_the_delays_of_all_their_names_only() {
    let app = app_with_limits(LimitSettings { failures_by_ip: None, ..LimitSettings::default() });
    let (ada, _bob) = (app.user("ada").await, app.user("bob").await);
    for login in ["ada", "ada@example.com", "bob"] {
        fail_until_delayed(&app, login).await;
    }
    app.roster.unlock_user(&operator(), ada.id).await.unwrap();
    assert!(is_delayed(&app, "bob", PASSWORD).await);
    for login in ["ada", "ada@example.com"] {
        app.log_in(login, PASSWORD).await.unwrap();
    }
}

#[tokio::test]
async fn unlocking_is_recorded_with_the_os_account_of_the_operator() {
    let app = app();
    let ada = app.user("ada").await;
    app.roster.unlock_user(&operator(), ada.id).await.unwrap();
    let page = app.roster.audit_records(&operator(), &AuditQuery::default()).await.unwrap();
    let newest = &page.items[0];
    assert_eq!((newest.action.known(), newest.target), (Some(Action::UserUnlocked), Some(ada.id.into())));
    assert_eq!(newest.origin.os_user.as_ref().map(OsUser::as_str), Some("anna"));
}

#[tokio::test]
async fn unlocking_a_user_requires_permission_to_change_them() {
    let app = app();
    let (ada, admin) = (app.user("ada").await, app.admin("root").await);
    for (caller, user) in [(&ada, &ada), (&ada, &admin)] {
        let denied = app.roster.unlock_user(&by(caller), user.id).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
    }
    app.roster.unlock_user(&by(&admin), ada.id).await.unwrap();
}

#[tokio::test]
async fn deleted_users_have_no_name_in_audit_records() {
    let app = app();
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let name = "backup".parse().unwrap();
    let new = NewServiceAccount { name, description: None, permissions: std::iter::empty().collect() };
    let backup = app.roster.create_service_account(&operator(), new).await.unwrap();
    app.roster.delete_user(&operator(), bob.id, &Precondition::None).await.unwrap();
    let page = app.roster.audit_records(&operator(), &AuditQuery::default()).await.unwrap();
    let names = app.roster.party_names(&operator(), &page.items).await.unwrap();
    assert_eq!(names.get(*ada.id.as_uuid()), Some("ada"));
    assert_eq!(names.get(*backup.id.as_uuid()), Some("backup"));
    assert_eq!(names.get(*bob.id.as_uuid()), None);
    assert!(matches!(app.roster.party_names(&by(&ada), &page.items).await, Err(Error::Denied(_))));
}
