//! What an answer of the old system does.

use super::{OLD, ada, app_asking};
use crate::kit::{App, PASSWORD};
use futures_util::future::{join, join_all};
use roster_domain::{Action, AuditQuery, Limit, RoleSet, Status, User, UserQuery};
use roster_service::{Call, Error, QuestionOutcome};
use roster_storage::Store;
use serde_json::{Value, json};
use std::sync::Arc;

async fn users(app: &App) -> Vec<Arc<User>> {
    let query = UserQuery { limit: Limit::new(100).unwrap(), ..UserQuery::default() };
    app.store.users(&query).await.unwrap().items
}

/// Asserts that the password is confirmed, but the login fails and leaves the users as they are.
async fn assert_not_used(app: &App, login: &str) {
    let before = users(app).await;
    assert!(matches!(app.log_in(login, OLD).await, Err(Error::BadCredentials)), "{login}");
    assert_eq!(app.roster.counters().questions(QuestionOutcome::Valid), 1);
    assert_eq!((users(app).await, app.roster.counters().migrations()), (before, 0));
}

#[tokio::test(start_paused = true)]
async fn a_person_whom_only_the_old_system_knows_logs_in_and_is_here_afterwards() {
    let (app, old) = app_asking("Ada", &ada());
    let token = app.log_in("Ada", OLD).await.unwrap();
    let user = app.user_by_login("ada@example.com").await.unwrap();
    assert_eq!(app.authenticate(&token).await.unwrap().principal.user_id(), Some(user.id));
    assert_eq!(user.external_id.as_ref().unwrap().as_str(), "17");
    assert_eq!(user.display_name.as_ref().unwrap().as_str(), "Ada L.");
    assert!(user.is_active() && user.credential.password_hash().unwrap().as_str().starts_with("$2b$04$"));
    app.log_in("ada", OLD).await.unwrap();
    assert_eq!(old.asked(), [("Ada".to_owned(), OLD.to_owned())], "it is asked once");
}

#[tokio::test(start_paused = true)]
async fn a_migration_is_recorded_and_counted() {
    let (app, _) = app_asking("ada", &ada());
    app.log_in("ada", OLD).await.unwrap();
    let page = app.roster.audit_records(&Call::operator(), &AuditQuery::default()).await.unwrap();
    let actions: Vec<_> = page.items.iter().filter_map(|record| record.action.known()).collect();
    assert_eq!(actions, [Action::LoggedIn, Action::UserMigrated]);
    let user = app.user_by_login("ada").await.unwrap();
    assert_eq!(page.items[1].target, Some(user.id.into()));
    let counters = app.roster.counters();
    assert_eq!((counters.migrations(), counters.questions(QuestionOutcome::Valid)), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn the_person_in_the_answer_has_the_login_name_that_was_asked_about() {
    for (login, user) in [
        ("ada", json!({ "username": "bob", "email": "bob@example.com" })),
        ("ada@example.com", json!({ "username": "ada" })),
        // The username would be made from the address.
        ("ada", json!({ "email": "ada@example.com" })),
    ] {
        let (app, _) = app_asking(login, &user);
        assert_not_used(&app, login).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_logs_in_with_an_address_or_an_old_spelling() {
    for (login, user) in [
        ("ADA@example.com", json!({ "email": "ada@example.com" })),
        ("Ada Lovelace", json!({ "username": "Ada Lovelace" })),
    ] {
        let (app, _) = app_asking(login, &user);
        app.log_in(login, OLD).await.unwrap();
        app.log_in(login, OLD).await.unwrap();
        assert_eq!(users(&app).await.len(), 1, "{login}");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_here_loses_a_name_an_address_or_an_id() {
    for here in [
        json!({ "id": 1, "username": "eve", "email": "ada@example.com" }),
        json!({ "id": 17, "username": "eve" }),
    ] {
        let (app, _) = app_asking("ada", &ada());
        app.import_one(&here, "eve").await;
        assert_not_used(&app, "ada").await;
    }
    let (app, _) = app_asking("ada@example.com", &ada());
    app.import_one(&json!({ "id": 1, "username": "ada" }), "ada").await;
    assert_not_used(&app, "ada@example.com").await;
}

#[tokio::test(start_paused = true)]
async fn an_id_that_somebody_here_has_is_not_taken() {
    let exported = |name: &str| json!({ "roster_export": 2, "id": "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8", "username": name, "status": "active" });
    let (app, _) = app_asking("ada", &exported("ada"));
    let eve = app.import_one(&exported("eve"), "eve").await;
    assert_eq!(eve.id.to_string(), "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8");
    app.log_in("ada", OLD).await.unwrap();
    assert_ne!(app.user_by_login("ada").await.unwrap().id, eve.id);
    assert_eq!(app.user_by_login("eve").await.unwrap(), eve);
}

#[tokio::test(start_paused = true)]
async fn a_role_in_the_answer_is_not_granted() {
    for roles in [json!(["admin"]), json!(["admin", "auditor"]), json!("admin")] {
        let mut user = ada();
        user["roles"] = roles;
        user["is_superuser"] = json!(true);
        let (app, _) = app_asking("ada", &user);
        app.log_in("ada", OLD).await.unwrap();
        assert_eq!(app.user_by_login("ada").await.unwrap().roles(), &RoleSet::ordinary());
    }
}

#[tokio::test(start_paused = true)]
async fn a_hash_in_the_answer_is_ignored() {
    let mut user = ada();
    // PASSWORD, by bcrypt 5.0.0 from PyPI.
    user["password_hash"] = json!("$2b$04$DtSnyWKJWlpXAlxjSX0.XOTJLA8O5H9iILVMSaM3pvgdrYLzwMc3S");
    let (app, _) = app_asking("ada", &user);
    app.log_in("ada", OLD).await.unwrap();
    app.log_in("ada", OLD).await.unwrap();
    assert!(matches!(app.log_in("ada", PASSWORD).await, Err(Error::BadCredentials)));
}

#[tokio::test(start_paused = true)]
async fn whoever_may_not_log_in_to_the_old_system_is_not_migrated() {
    for (field, value) in [
        ("locked", json!(true)),
        ("status", json!("pending")),
        ("banned_until", json!("2999-01-01T00:00:00Z")),
        ("blocked", json!(2)),
    ] {
        let mut user = ada();
        user[field] = value;
        let (app, _) = app_asking("ada", &user);
        assert_not_used(&app, "ada").await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_import_refuses_is_not_used() {
    for user in [
        json!({ "username": "ada", "email": "" , "attributes": "x".repeat(1 << 16) }),
        json!({}),
        Value::Null,
        json!("ada"),
    ] {
        let (app, _) = app_asking("ada", &user);
        assert!(matches!(app.log_in("ada", OLD).await, Err(Error::BadCredentials)), "{user}");
        assert!(users(&app).await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_who_lacks_only_a_password_gets_it_and_nothing_else_changes() {
    let mut told = ada();
    told["display_name"] = json!("Somebody else");
    told["roles"] = json!(["admin"]);
    let (app, _) = app_asking("ada", &told);
    let mut imported = ada();
    imported["roles"] = json!(["auditor"]);
    let before = app.import_one(&imported, "ada").await;
    assert!(matches!(before.status, Status::Pending { .. }));
    app.log_in("ada", OLD).await.unwrap();
    let after = app.user_by_login("ada").await.unwrap();
    assert!(after.is_active() && after.credential.password_hash().is_some());
    let comparable = |user: &User| {
        let mut value = serde_json::to_value(user).unwrap();
        let fields = value.as_object_mut().unwrap();
        for changed in ["status", "credential", "version", "updated_at", "auth_epoch", "last_login_at"] {
            fields.remove(changed);
        }
        value
    };
    assert_eq!(comparable(&after), comparable(&before));
}

#[tokio::test(start_paused = true)]
async fn somebody_else_with_the_same_login_name_does_not_become_the_pending_user() {
    let here = json!({ "id": 1, "email": "ada@example.com" });
    for user in [
        json!({ "id": 99, "username": "ada", "email": "ada@evil.example" }),
        json!({ "id": 99, "username": "ada" }),
        json!({ "username": "ada", "email": "ada@evil.example" }),
    ] {
        let (app, _) = app_asking("ada", &user);
        app.import_one(&here, "ada").await;
        assert_not_used(&app, "ada").await;
    }
}

#[tokio::test(start_paused = true)]
async fn concurrent_logins_create_one_user() {
    let (app, old) = app_asking("ada", &ada());
    old.hold();
    let released = async {
        old.asked_times(8).await;
        old.release();
    };
    let logins = join_all((0..8).map(|_| app.log_in("ada", OLD)));
    let (logins, ()) = join(logins, released).await;
    assert!(logins.iter().all(Result::is_ok), "{logins:?}");
    assert_eq!((users(&app).await.len(), app.roster.counters().migrations()), (1, 1));
}
