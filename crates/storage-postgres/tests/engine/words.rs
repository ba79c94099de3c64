//! Words that a newer Roster wrote, and texts that PostgreSQL does not store.

use std::sync::Arc;

use jiff::Timestamp;
use roster_domain::{Action, Login, Permission, ServiceAccount};
use roster_storage::contract::record;
use roster_storage::contract::service_accounts::{creation, service_account};
use roster_storage::{Change, Store, UnitOfWork};
use roster_storage_postgres::PostgresStore;

use crate::setup::{add, client, open, value};

async fn put(store: &PostgresStore, account: ServiceAccount) {
    let account = Arc::new(account);
    let record = creation(&account).record().unwrap().as_ref().clone();
    store.commit(UnitOfWork::audited(record).write(Change::PutServiceAccount(account))).await.unwrap();
}

#[tokio::test]
async fn a_permission_of_a_newer_roster_grants_nothing_and_stays_until_somebody_changes_the_others() {
    let Some(database) = roster_test_postgres::database() else { return };
    let store = open(&database.url()).await;
    let account = service_account(1);
    put(&store, account.clone()).await;
    let direct = client(&database.url()).await;
    let newer = r#"["users:read","groups:manage"]"#;
    direct.batch_execute(&format!("UPDATE api_keys SET permissions = '{newer}'")).await.unwrap();
    let read = store.service_account(account.id).await.unwrap().unwrap();
    assert_eq!(read.keys[0].permissions.known(), account.keys[0].permissions.known());
    put(&store, (*read).clone().used(account.keys[0].id, Timestamp::UNIX_EPOCH)).await;
    let stored = "SELECT permissions FROM api_keys";
    assert_eq!(value::<String>(&direct, stored).await, newer, "a use of the key keeps it");
    let mut changed = account;
    changed.keys[0].permissions = [Permission::UsersRead, Permission::AuditRead].into_iter().collect();
    put(&store, changed).await;
    assert_eq!(value::<String>(&direct, stored).await, r#"["audit:read","users:read"]"#);
}

#[tokio::test]
async fn a_field_of_a_newer_roster_stays_when_an_older_one_changes_the_user() {
    let Some(database) = roster_test_postgres::database() else { return };
    let store = open(&database.url()).await;
    let user = add(&store, 1).await;
    let direct = client(&database.url()).await;
    direct.batch_execute(r#"UPDATE users SET more = '{"shoe_size": 43}'"#).await.unwrap();
    let changed = Arc::new((*user).clone().touched(Timestamp::UNIX_EPOCH));
    let work = UnitOfWork::audited(record(Action::UserUpdated, user.id));
    store.commit(work.write(Change::PutUser(changed.clone()))).await.unwrap();
    assert_eq!(store.user(user.id).await.unwrap(), Some(changed));
    assert_eq!(value::<String>(&direct, "SELECT more FROM users").await, r#"{"shoe_size": 43}"#);
}

#[tokio::test]
async fn a_login_with_nul_finds_nobody() {
    let Some(database) = roster_test_postgres::database() else { return };
    let store = open(&database.url()).await;
    add(&store, 1).await;
    for login in ["person\u{0}1", "\u{0}", "person1\u{0}@example.com"] {
        assert_eq!(store.user_by_login(&Login::new(login)).await.unwrap(), None, "{login:?}");
    }
}
