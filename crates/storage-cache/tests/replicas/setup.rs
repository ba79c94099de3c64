//! Servers at one database.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use roster_domain::{Action, StatusKind, User};
use roster_storage::contract::{People, record};
use roster_storage::{Change, Store, UnitOfWork};
use roster_storage_cache::{CacheSettings, CachedStore, ReadCache};
use roster_storage_postgres::{PostgresStore, PostgresStoreSettings};
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_postgres::{Client, NoTls};

/// A server, as far as its store is concerned.
pub(crate) type Replica = CachedStore<PostgresStore>;

/// How long anything may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Opens a server whose connections have this name. The age of entries is no bound for any test.
pub(crate) async fn open(url: &str, name: &str) -> Replica {
    let url = format!("{url}?application_name={name}").parse().unwrap();
    let settings = PostgresStoreSettings::new(url, Timestamp::UNIX_EPOCH);
    let store = Arc::new(PostgresStore::open(settings).await.unwrap());
    let settings = CacheSettings { ttl: Duration::from_hours(1), ..CacheSettings::default() };
    let cache = Arc::new(ReadCache::new(settings));
    store.share_changes(cache.clone()).await.unwrap();
    let others = store.clone();
    let replica = CachedStore::new(store, cache, Some(others), Handle::current());
    until("the server listens", async || replica.store().hears_changes() == Some(true)).await;
    replica
}

/// Waits for a condition.
pub(crate) async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let met = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, met).await.unwrap_or_else(|_| panic!("not in time: {what}"));
}

/// A connection past the servers.
pub(crate) async fn client(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Stores a user.
pub(crate) async fn add(replica: &Replica, number: u32) -> Arc<User> {
    let user = Arc::new(People.nth(number));
    let work = UnitOfWork::audited(record(Action::UserCreated, user.id));
    replica.commit(work.write(Change::PutUser(user.clone()))).await.unwrap();
    user
}

/// Disables a user.
pub(crate) async fn disable(replica: &Replica, user: &User) {
    let after = user.clone().with_status(StatusKind::Disabled, user.created_at).touched(user.created_at);
    let work = UnitOfWork::audited(record(Action::UserUpdated, user.id));
    replica.commit(work.write(Change::PutUser(Arc::new(after)))).await.unwrap();
}

/// Whether the server shows an active user.
pub(crate) async fn is_active(replica: &Replica, user: &User) -> bool {
    replica.user(user.id).await.unwrap().is_some_and(|user| user.is_active())
}
