//! Words that a newer Roster wrote.

use std::sync::Arc;

use jiff::Timestamp;
use roster_domain::{Permission, ServiceAccount};
use roster_storage::contract::service_accounts::{creation, service_account};
use roster_storage::{Change, Store, UnitOfWork};
use roster_storage_postgres::PostgresStore;

use crate::setup::{client, open, value};

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
    assert_eq!(*read, account);
    put(&store, account.clone().used(account.keys[0].id, Timestamp::UNIX_EPOCH)).await;
    let stored = "SELECT permissions FROM api_keys";
    assert_eq!(value::<String>(&direct, stored).await, newer, "a use of the key keeps it");
    let mut changed = account;
    changed.keys[0].permissions = [Permission::UsersRead, Permission::AuditRead].into_iter().collect();
    put(&store, changed).await;
    assert_eq!(value::<String>(&direct, stored).await, r#"["audit:read","users:read"]"#);
}
