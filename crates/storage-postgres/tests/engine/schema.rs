//! The schema: who may open it, and replicas that start together.

use std::sync::Arc;

use futures_util::future::join_all;
use roster_domain::{Action, ApiKey, KeyCreator, ServiceAccount};
use roster_storage::contract::service_accounts::{creation, key, service_account};
use roster_storage::contract::{People, record};
use roster_storage::{Change, CommitError, Guard, Restore as _, Store, UnitOfWork};
use roster_storage_postgres::{OpenError, PostgresRestore, PostgresStore, inspect, migrate, schema_status};

use crate::setup::{add, client, open, settings, value};

#[tokio::test]
async fn an_empty_database_lacks_every_migration_until_it_is_migrated() {
    let Some(database) = roster_test_postgres::database() else { return };
    let settings = settings(&database.url());
    let before = schema_status(&settings).await.unwrap();
    assert_eq!((before.found.version, before.applied.len()), (0, 0));
    assert_eq!(before.pending.last().map(|last| last.version), Some(before.known));
    assert!(before.pending[0].sql.contains("CREATE TABLE users"), "the plan shows the statements");
    let made = migrate(&settings).await.unwrap();
    assert_eq!(made.len(), before.pending.len());
    let after = schema_status(&settings).await.unwrap();
    assert_eq!((after.found.version, after.pending.len()), (before.known, 0));
    assert_eq!(after.applied.last().unwrap().at, settings.now);
    assert!(migrate(&settings).await.unwrap().is_empty());
}

#[tokio::test]
async fn replicas_that_start_together_migrate_once() {
    let Some(database) = roster_test_postgres::database() else { return };
    let url = database.url();
    let stores = join_all((0..6).map(|_| open(&url))).await;
    for (number, store) in (0..).zip(&stores) {
        add(store, number).await;
    }
    assert!(stores[0].has_active_admin().await.is_ok());
    let rows: i64 = value(&client(&url).await, "SELECT count(*) FROM migrations").await;
    assert_eq!(rows, i64::from(schema_status(&settings(&url)).await.unwrap().known));
}

#[tokio::test]
async fn a_newer_schema_is_rejected_only_if_this_version_would_misread_it() {
    let Some(database) = roster_test_postgres::database() else { return };
    let url = database.url();
    open(&url).await;
    let direct = client(&url).await;
    direct.batch_execute("INSERT INTO migrations VALUES (1000, 'adds a column', 1, 0)").await.unwrap();
    add(&open(&url).await, 1).await;
    direct.batch_execute("INSERT INTO migrations VALUES (1001, 'adds a status', 1001, 0)").await.unwrap();
    let error = PostgresStore::open(settings(&url)).await.unwrap_err();
    assert!(matches!(&error, OpenError::NewerSchema(newer) if newer.found == 1001), "{error:?}");
    let status = schema_status(&settings(&url)).await.unwrap();
    assert_eq!(status.newer.map(|newer| newer.min_reader), Some(1001), "and yet the status can be shown");
    assert_eq!(status.applied.last().map(|last| last.name.as_str()), Some("adds a status"));
}

#[tokio::test]
async fn a_migration_that_fails_changes_nothing() {
    let Some(database) = roster_test_postgres::database() else { return };
    let url = database.url();
    let direct = client(&url).await;
    direct.batch_execute("CREATE TABLE audit (another_program text)").await.unwrap();
    let error = PostgresStore::open(settings(&url)).await.unwrap_err();
    assert!(matches!(error, OpenError::Migration { version: 1, .. }), "{error:?}");
    let tables: i64 = value(&direct, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").await;
    assert_eq!(tables, 1);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named() {
    let Some(database) = roster_test_postgres::database() else { return };
    let url = database.url();
    let store = open(&url).await;
    let user = add(&store, 1).await;
    let damage = format!("UPDATE users SET status = 'asleep' WHERE id = '{}'", user.id);
    client(&url).await.batch_execute(&damage).await.unwrap();
    let error = store.user(user.id).await.unwrap_err();
    assert!(!error.is_transient());
    let reason = std::error::Error::source(&error).unwrap().to_string();
    assert!(reason.contains(&user.id.to_string()) && reason.contains("status"), "{reason}");
}

#[tokio::test]
async fn without_the_row_that_units_about_administrators_lock_they_are_refused_and_a_check_says_so() {
    let Some(database) = roster_test_postgres::database() else { return };
    let url = database.url();
    let store = open(&url).await;
    let unit = |id| UnitOfWork::audited(record(Action::UserDeleted, id));
    let [one, two] = [1, 2].map(|number| Arc::new(People.admin(number)));
    for admin in [&one, &two] {
        store.commit(unit(admin.id).write(Change::PutUser(admin.clone()))).await.unwrap();
    }
    assert!(inspect(&settings(&url)).await.unwrap().has_admin_gate);
    client(&url).await.batch_execute("DELETE FROM admin_gate").await.unwrap();
    assert!(!inspect(&settings(&url)).await.unwrap().has_admin_gate);
    let removal = unit(one.id).require(Guard::AnotherAdminRemains(one.id)).write(Change::RemoveUser(one.id));
    let refused = store.commit(removal.clone()).await.unwrap_err();
    assert!(matches!(&refused, CommitError::Damaged(reason) if reason.to_string().contains("admin_gate")));
    client(&url).await.batch_execute("INSERT INTO admin_gate VALUES (true)").await.unwrap();
    store.commit(removal).await.unwrap();
}

#[tokio::test]
async fn a_check_finds_keys_without_creators_and_users_without_an_administrator() {
    let Some(database) = roster_test_postgres::database() else { return };
    let url = database.url();
    let store = open(&url).await;
    let inspect = async || inspect(&settings(&url)).await.unwrap();
    assert!(!inspect().await.lacks_admin, "there are no users");
    let admin = Arc::new(People.admin(1));
    let unit = || UnitOfWork::audited(record(Action::UserCreated, admin.id));
    store.commit(unit().write(Change::PutUser(admin.clone()))).await.unwrap();
    let key = ApiKey { created_by: KeyCreator::User(admin.id), ..key(1) };
    let account = Arc::new(ServiceAccount { keys: vec![key.clone()], ..service_account(1) });
    store.commit(creation(&account)).await.unwrap();
    let found = inspect().await;
    assert!(!found.lacks_admin && found.idle_keys.is_empty(), "{found:?}");
    add(&store, 2).await;
    store.commit(unit().write(Change::RemoveUser(admin.id))).await.unwrap();
    let found = inspect().await;
    assert!(found.lacks_admin, "{found:?}");
    assert_eq!(found.idle_keys, [(key.prefix.as_str().to_owned(), account.name.as_str().to_owned())]);
}

#[tokio::test]
async fn a_check_names_the_schemas_of_replaced_stores() {
    let Some(database) = roster_test_postgres::database() else { return };
    let url = database.url();
    let store = open(&url).await;
    add(&store, 1).await;
    assert!(inspect(&settings(&url)).await.unwrap().replaced.is_empty());
    client(&url).await.batch_execute("CREATE SCHEMA replaced_by_another_program").await.unwrap();
    let restore = PostgresRestore::begin(&settings(&url)).await.unwrap();
    let replaced = restore.replaced().to_owned();
    Box::new(restore).finish().await.unwrap();
    assert_eq!(inspect(&settings(&url)).await.unwrap().replaced, [replaced]);
}
