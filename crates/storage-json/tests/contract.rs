//! The engine passes the contract suite of the port.

#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use parking_lot::Mutex;
use roster_domain::{Action, AuditPosition};
use roster_storage::contract::{Bench, CopyBench, People, record};
use roster_storage::{Restore, RestoreError, StagedCopy, Store, StoredItem};
use roster_storage_json::{JsonCopy, JsonRestore, JsonStore, JsonStoreSettings};
use tempfile::TempDir;

/// Stores in temporary folders.
#[derive(Default)]
struct JsonBench {
    /// A bench serves one test, and a test uses one store at a time.
    folder: Mutex<Option<TempDir>>,
}

impl JsonBench {
    fn users_file(&self) -> PathBuf {
        self.folder.lock().get_or_insert_with(|| tempfile::tempdir().unwrap()).path().join("users.json")
    }
}

fn settings(users_file: &Path) -> JsonStoreSettings {
    JsonStoreSettings {
        users_file: users_file.to_owned(),
        now: Timestamp::UNIX_EPOCH,
        random: [0; 10],
        rotation: None,
        observer: None,
    }
}

fn open(users_file: &Path) -> Arc<dyn Store> {
    Arc::new(JsonStore::open(settings(users_file)).unwrap())
}

#[async_trait]
impl Bench for JsonBench {
    async fn fresh(&self) -> Arc<dyn Store> {
        *self.folder.lock() = None;
        open(&self.users_file())
    }

    async fn reopened(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        assert_eq!(Arc::strong_count(&store), 1, "somebody still holds the store");
        drop(store);
        open(&self.users_file())
    }

    async fn restored(&self, pieces: Vec<Vec<StoredItem>>) -> Result<Arc<dyn Store>, RestoreError> {
        *self.folder.lock() = None;
        let mut restore = JsonRestore::begin(&settings(&self.users_file())).unwrap();
        for piece in pieces {
            restore.add(piece).await?;
        }
        Box::new(restore).finish().await?;
        Ok(open(&self.users_file()))
    }
}

#[async_trait]
impl CopyBench for JsonBench {
    async fn copy(&self) -> Box<dyn StagedCopy> {
        Box::new(JsonCopy::begin(&settings(&self.users_file())).unwrap())
    }

    async fn open(&self) -> Result<Arc<dyn Store>, String> {
        match JsonStore::open(settings(&self.users_file())) {
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

roster_storage::contract_tests!(JsonBench::default());
roster_storage::copy_contract_tests!(JsonBench::default());

#[tokio::test]
async fn a_restored_number_that_a_store_never_assigns_is_rejected() {
    let record = Arc::new(record(Action::LoggedIn, People.nth(1).id));
    for (number, is_rejected) in [((1 << 53) - 1, false), (1 << 53, true), (u64::MAX, true)] {
        let item = StoredItem::Audit(AuditPosition::from(number), Arc::clone(&record));
        let bench = JsonBench::default();
        assert_eq!(bench.restored(vec![vec![item]]).await.is_err(), is_rejected, "{number}");
    }
}
