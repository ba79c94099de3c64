//! The engine passes the contract suite of the port.

#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;
use roster_storage::contract::Bench;
use roster_storage::{Restore, RestoreError, Store, StoredItem};
use roster_storage_postgres::{PostgresRestore, PostgresStore, PostgresStoreSettings};
use roster_test_postgres::Database;

/// Stores in databases of their own.
struct PostgresBench {
    /// A bench serves one test, and a test uses one store at a time.
    database: Mutex<Database>,
}

impl PostgresBench {
    /// A bench; `None` if there is no server.
    fn new() -> Option<Self> {
        roster_test_postgres::database().map(|database| Self { database: Mutex::new(database) })
    }

    fn settings(&self) -> PostgresStoreSettings {
        let url = self.database.lock().unwrap().url();
        PostgresStoreSettings::new(url.parse().unwrap(), Timestamp::UNIX_EPOCH)
    }

    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(PostgresStore::open(self.settings()).await.unwrap())
    }
}

#[async_trait]
impl Bench for PostgresBench {
    async fn fresh(&self) -> Arc<dyn Store> {
        *self.database.lock().unwrap() = roster_test_postgres::database().unwrap();
        self.open().await
    }

    async fn reopened(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        drop(store);
        self.open().await
    }

    async fn restored(&self, pieces: Vec<Vec<StoredItem>>) -> Result<Arc<dyn Store>, RestoreError> {
        *self.database.lock().unwrap() = roster_test_postgres::database().unwrap();
        let mut restore = PostgresRestore::begin(&self.settings()).await.unwrap();
        for piece in pieces {
            restore.add(piece).await?;
        }
        Box::new(restore).finish().await?;
        Ok(self.open().await)
    }
}

roster_storage::contract_tests!(match PostgresBench::new() {
    Some(bench) => bench,
    None => return,
});
