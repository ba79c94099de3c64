//! Stores, and direct access to their databases.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use roster_domain::{Action, User};
use roster_storage::contract::{People, record};
use roster_storage::{Change, Store, UnitOfWork};
use roster_storage_postgres::{PostgresStore, PostgresStoreSettings, Timeouts};
use tokio_postgres::{Client, NoTls};

/// Settings whose time limits a test can wait for. A server that does not answer is given up after 1.5 s.
pub(crate) fn settings(url: &str) -> PostgresStoreSettings {
    let timeouts = Timeouts {
        connect: Duration::from_millis(500),
        statement: Duration::from_millis(500),
        lock: Duration::from_millis(250),
        request: Duration::from_secs(3),
    };
    let settings = PostgresStoreSettings::new(url.parse().unwrap(), Timestamp::UNIX_EPOCH);
    PostgresStoreSettings { timeouts, pool_size: 4, ..settings }
}

/// A store with these limits.
pub(crate) async fn open(url: &str) -> PostgresStore {
    PostgresStore::open(settings(url)).await.unwrap()
}

/// A connection past the store.
pub(crate) async fn client(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// A single value.
pub(crate) async fn value<T: for<'a> tokio_postgres::types::FromSql<'a>>(client: &Client, sql: &str) -> T {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

/// A user, and the unit that stores them.
pub(crate) fn person(number: u32) -> (Arc<User>, UnitOfWork) {
    let user = Arc::new(People.nth(number));
    let work = UnitOfWork::audited(record(Action::UserCreated, user.id));
    (user.clone(), work.require_new_user(&user).write(Change::PutUser(user)))
}

/// Stores a user.
pub(crate) async fn add(store: &PostgresStore, number: u32) -> Arc<User> {
    let (user, work) = person(number);
    store.commit(work).await.unwrap();
    user
}
