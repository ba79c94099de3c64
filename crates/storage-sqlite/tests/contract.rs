//! The engine passes the contract suite of the port.

#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use parking_lot::Mutex;
use roster_storage::contract::{Bench, CopyBench};
use roster_storage::{Restore, RestoreError, StagedCopy, Store, StoredItem};
use roster_storage_sqlite::{SqliteCopy, SqliteRestore, SqliteStore, SqliteStoreSettings};
use tempfile::TempDir;

/// Stores in temporary folders.
#[derive(Default)]
struct SqliteBench {
    /// A bench serves one test, and a test uses one store at a time.
    folder: Mutex<Option<TempDir>>,
}

impl SqliteBench {
    fn path(&self) -> PathBuf {
        self.folder.lock().get_or_insert_with(|| tempfile::tempdir().unwrap()).path().join("roster.db")
    }
}

fn settings(path: &Path) -> SqliteStoreSettings {
    SqliteStoreSettings::new(path, Timestamp::UNIX_EPOCH)
}

fn open(path: &Path) -> Arc<dyn Store> {
    Arc::new(SqliteStore::open(settings(path)).unwrap())
}

#[async_trait]
impl Bench for SqliteBench {
    async fn fresh(&self) -> Arc<dyn Store> {
        *self.folder.lock() = None;
        open(&self.path())
    }

    async fn reopened(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        assert_eq!(Arc::strong_count(&store), 1, "somebody still holds the store");
        drop(store);
        open(&self.path())
    }

    async fn restored(&self, pieces: Vec<Vec<StoredItem>>) -> Result<Arc<dyn Store>, RestoreError> {
        *self.folder.lock() = None;
        let mut restore = SqliteRestore::begin(&settings(&self.path())).unwrap();
        for piece in pieces {
            restore.add(piece).await?;
        }
        Box::new(restore).finish().await?;
        Ok(open(&self.path()))
    }
}

#[async_trait]
impl CopyBench for SqliteBench {
    async fn copy(&self) -> Box<dyn StagedCopy> {
        Box::new(SqliteCopy::begin(&settings(&self.path())).unwrap())
    }

    async fn open(&self) -> Result<Arc<dyn Store>, String> {
        match SqliteStore::open(settings(&self.path())) {
            Ok(store) => Ok(Arc::new(store)),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn vacate(&self) {
        *self.folder.lock() = None;
    }

    /// The copy holds the lock.
    async fn occupy(&self) -> bool {
        false
    }
}

roster_storage::contract_tests!(SqliteBench::default());
roster_storage::copy_contract_tests!(SqliteBench::default());
