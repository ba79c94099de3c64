//! The engine passes the contract suite of the port.

#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use async_trait::async_trait;
use jiff::Timestamp;
use roster_storage::contract::{Bench, CopyBench, People};
use roster_storage::{Restore, RestoreError, StagedCopy, Store, StoredItem};
use roster_storage_postgres::{Pooler, PostgresCopy, PostgresRestore, PostgresStore, PostgresStoreSettings};
use roster_test_postgres::{Cluster, Database, Pgbouncer, PoolMode};

/// Stores in databases of their own.
struct PostgresBench {
    /// A bench serves one test, and a test uses one store at a time.
    place: Mutex<Place>,
    /// A store that was opened before a copy to the same place.
    before: Mutex<Option<Arc<dyn Store>>>,
    make: fn() -> Option<Place>,
}

/// Where a store is.
enum Place {
    Direct(Database),
    /// By way of a pooler in transaction mode.
    Pooled(String),
}

impl Place {
    fn direct() -> Option<Self> {
        roster_test_postgres::database().map(Self::Direct)
    }

    fn pooled() -> Option<Self> {
        static SERVERS: LazyLock<Option<(Cluster, Pgbouncer)>> = LazyLock::new(|| {
            let cluster = Cluster::builder().setting("max_connections", "500").start()?;
            let pooler = Pgbouncer::before(&cluster, PoolMode::Transaction, 3)?;
            Some((cluster, pooler))
        });
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let (cluster, pooler) = SERVERS.as_ref()?;
        let name = format!("store_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        Some(Self::Pooled(pooler.url(&cluster.add_database(&name))))
    }

    fn settings(&self) -> PostgresStoreSettings {
        let settings = |url: &str| PostgresStoreSettings::new(url.parse().unwrap(), Timestamp::UNIX_EPOCH);
        match self {
            Self::Direct(database) => settings(&database.url()),
            Self::Pooled(url) => PostgresStoreSettings { pooler: Pooler::Transaction, ..settings(url) },
        }
    }
}

impl PostgresBench {
    /// A bench; `None` if there is no server.
    fn new(make: fn() -> Option<Place>) -> Option<Self> {
        make().map(|place| Self { place: Mutex::new(place), before: Mutex::default(), make })
    }

    fn settings(&self) -> PostgresStoreSettings {
        self.place.lock().unwrap().settings()
    }

    fn replace(&self) {
        *self.place.lock().unwrap() = (self.make)().unwrap();
    }

    async fn opened(&self) -> Arc<dyn Store> {
        Arc::new(PostgresStore::open(self.settings()).await.unwrap())
    }
}

#[async_trait]
impl Bench for PostgresBench {
    async fn fresh(&self) -> Arc<dyn Store> {
        self.replace();
        self.opened().await
    }

    async fn reopened(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        drop(store);
        self.opened().await
    }

    async fn restored(&self, pieces: Vec<Vec<StoredItem>>) -> Result<Arc<dyn Store>, RestoreError> {
        self.replace();
        let mut restore = PostgresRestore::begin(&self.settings()).await.unwrap();
        for piece in pieces {
            restore.add(piece).await?;
        }
        Box::new(restore).finish().await?;
        Ok(self.opened().await)
    }
}

#[async_trait]
impl CopyBench for PostgresBench {
    async fn copy(&self) -> Box<dyn StagedCopy> {
        Box::new(PostgresCopy::begin(&self.settings()).await.unwrap())
    }

    async fn open(&self) -> Result<Arc<dyn Store>, String> {
        match PostgresStore::open(self.settings()).await {
            Ok(store) => Ok(Arc::new(store)),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn vacate(&self) {
        self.replace();
        let store = self.opened().await;
        *self.before.lock().unwrap() = Some(store);
    }

    /// By a server that has had the store open since before the copy.
    async fn occupy(&self) -> bool {
        let before = { self.before.lock().unwrap().take() };
        let Some(store) = before else { return false };
        roster_storage::contract::reads::add(&store, People.nth(1)).await;
        true
    }
}

roster_storage::contract_tests!(match PostgresBench::new(Place::direct) {
    Some(bench) => bench,
    None => return,
});
roster_storage::copy_contract_tests!(match PostgresBench::new(Place::direct) {
    Some(bench) => bench,
    None => return,
});

mod behind_a_pooler {
    use super::{Place, PostgresBench};

    roster_storage::contract_tests!(match PostgresBench::new(Place::pooled) {
        Some(bench) => bench,
        None => return,
    });
}
