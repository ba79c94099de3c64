//! Both SQL engines pass the contract suite of the port with the cache in front of them.

#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use parking_lot::Mutex;
use roster_storage::contract::Bench;
use roster_storage::{Restore, RestoreError, Store, StoredItem};
use roster_storage_cache::{CacheSettings, CachedStore, ReadCache};
use roster_storage_postgres::{PostgresRestore, PostgresStore, PostgresStoreSettings};
use roster_storage_sqlite::{SqliteRestore, SqliteStore, SqliteStoreSettings};
use roster_test_postgres::Database;
use tempfile::TempDir;
use tokio::runtime::Handle;

fn cached<S: Store>(store: S) -> Arc<dyn Store> {
    let cache = Arc::new(ReadCache::new(CacheSettings::default()));
    Arc::new(CachedStore::new(Arc::new(store), cache, None, Handle::current()))
}

mod sqlite {
    use super::*;

    /// Stores in temporary folders. A bench serves one test, and a test uses one store at a time.
    #[derive(Default)]
    struct SqliteBench(Mutex<Option<TempDir>>);

    impl SqliteBench {
        fn path(&self) -> PathBuf {
            self.0.lock().get_or_insert_with(|| tempfile::tempdir().unwrap()).path().join("roster.db")
        }

        fn settings(&self) -> SqliteStoreSettings {
            SqliteStoreSettings::new(self.path(), Timestamp::UNIX_EPOCH)
        }

        fn open(&self) -> Arc<dyn Store> {
            cached(SqliteStore::open(self.settings()).unwrap())
        }
    }

    #[async_trait]
    impl Bench for SqliteBench {
        async fn fresh(&self) -> Arc<dyn Store> {
            *self.0.lock() = None;
            self.open()
        }

        async fn reopened(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
            drop(store);
            self.open()
        }

        async fn restored(&self, pieces: Vec<Vec<StoredItem>>) -> Result<Arc<dyn Store>, RestoreError> {
            *self.0.lock() = None;
            let mut restore = SqliteRestore::begin(&self.settings()).unwrap();
            for piece in pieces {
                restore.add(piece).await?;
            }
            Box::new(restore).finish().await?;
            Ok(self.open())
        }
    }

    roster_storage::contract_tests!(SqliteBench::default());
}

mod postgres {
    use super::*;

    /// Stores in databases of their own. A bench serves one test, and a test uses one store at a time.
    struct PostgresBench(Mutex<Database>);

    impl PostgresBench {
        /// A bench; `None` if there is no server.
        fn new() -> Option<Self> {
            roster_test_postgres::database().map(|database| Self(Mutex::new(database)))
        }

        fn settings(&self) -> PostgresStoreSettings {
            let url = self.0.lock().url();
            PostgresStoreSettings::new(url.parse().unwrap(), Timestamp::UNIX_EPOCH)
        }

        async fn open(&self) -> Arc<dyn Store> {
            cached(PostgresStore::open(self.settings()).await.unwrap())
        }
    }

    #[async_trait]
    impl Bench for PostgresBench {
        async fn fresh(&self) -> Arc<dyn Store> {
            *self.0.lock() = roster_test_postgres::database().unwrap();
            self.open().await
        }

        async fn reopened(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
            drop(store);
            self.open().await
        }

        async fn restored(&self, pieces: Vec<Vec<StoredItem>>) -> Result<Arc<dyn Store>, RestoreError> {
            *self.0.lock() = roster_test_postgres::database().unwrap();
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
}
