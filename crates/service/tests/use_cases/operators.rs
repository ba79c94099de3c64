//! What operators are given besides: lifted delays, and names in the audit log.

use crate::kit::{App, PASSWORD, app, app_with_limits, by};
use roster_domain::{Action, AuditQuery, OsUser};
use roster_service::{Call, Error, LimitSettings, NewServiceAccount, Precondition};

fn operator() -> Call {
    Call::operator_named(OsUser::new("anna").unwrap())
}

/// Fails to log in under this name until it has to wait.
async fn lock(app: &App, login: &str) {
    for _ in 0..20 {
        if has_to_wait(app, login, "wrong").await {
            return;
        }
    }
    panic!("{login} has not to wait");
}

async fn has_to_wait(app: &App, login: &str, password: &str) -> bool {
    matches!(app.log_in(login, password).await, Err(Error::TooMany(_)))
}

#[tokio::test]
async fn an_unlocked_person_waits_at_none_of_their_names_and_others_wait_on() {
    let app = app_with_limits(LimitSettings { failures_by_ip: None, ..LimitSettings::default() });
    let (ada, _bob) = (app.user("ada").await, app.user("bob").await);
    for login in ["ada", "ada@example.com", "bob"] {
        lock(&app, login).await;
    }
    app.roster.unlock_user(&operator(), ada.id).await.unwrap();
    assert!(has_to_wait(&app, "bob", PASSWORD).await);
    for login in ["ada", "ada@example.com"] {
        app.log_in(login, PASSWORD).await.unwrap();
    }
}

#[tokio::test]
async fn unlocking_is_recorded_with_the_account_that_ran_the_command() {
    let app = app();
    let ada = app.user("ada").await;
    app.roster.unlock_user(&operator(), ada.id).await.unwrap();
    let page = app.roster.audit_records(&operator(), &AuditQuery::default()).await.unwrap();
    let newest = &page.items[0];
    assert_eq!((newest.action, newest.target), (Action::UserUnlocked, Some(ada.id.into())));
    assert_eq!(newest.origin.os_user.as_ref().map(OsUser::as_str), Some("anna"));
}

#[tokio::test]
async fn only_whoever_may_change_a_person_unlocks_them() {
    let app = app();
    let (ada, admin) = (app.user("ada").await, app.admin("root").await);
    for (caller, person) in [(&ada, &ada), (&ada, &admin)] {
        let denied = app.roster.unlock_user(&by(caller), person.id).await;
        assert!(matches!(denied, Err(Error::Denied(_))), "{denied:?}");
    }
    app.roster.unlock_user(&by(&admin), ada.id).await.unwrap();
}

#[tokio::test]
async fn names_are_of_those_who_are_still_here() {
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
