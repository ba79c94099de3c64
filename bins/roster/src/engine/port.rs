//! What the binary needs of an engine besides the port of the use cases.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use roster_domain::{ApiKeyPrefix, AuditPage, AuditQuery, AuditRecord, Login, ServiceAccountName};
use roster_service::PartyNames;
use roster_storage::{
    CommitObserver, Examination, JobStore, Restore, RestoreError, SharedCounts, StagedCopy, Store, StoredKeys,
};
use roster_storage_sql::{Migration, SchemaStatus};
use roster_telemetry::metrics::{CacheState, StoreState};
use uuid::Uuid;

use super::key_table::KeyTable;
use super::open_error::OpenError;
use crate::jobs::JobFiles;

/// The store of the settings, which is not open yet.
pub(crate) trait Engine: Send + Sync {
    /// The folder whose owner owns the store. The socket of the server is in it, too.
    fn folder(&self) -> &Path;

    /// The file or folder that identifies the store on this machine. Another store may be in the same folder.
    fn identity(&self) -> &Path;

    /// The database server and the database, if the store is in one, so that [`identity`](Self::identity) is not enough.
    fn database(&self) -> Option<String> {
        None
    }

    /// The store in messages, in quotes.
    fn location(&self) -> String;

    /// Checks what the settings say about the engine. Connects to nothing.
    ///
    /// # Errors
    /// [`OpenError`].
    fn check_settings(&self) -> Result<(), OpenError> {
        Ok(())
    }

    /// Whether there is a store, or the part of one that a copy has left, which cannot be opened.
    ///
    /// # Errors
    /// If that is unknown.
    fn exists(&self) -> io::Result<bool>;

    /// Opens the store; creates it if it does not exist and `mode` allows writing. Blocks.
    ///
    /// # Errors
    /// [`OpenError`].
    fn open(
        &self,
        mode: OpenMode,
        observer: Option<Arc<dyn CommitObserver>>,
    ) -> Result<Arc<dyn OpenStore>, OpenError>;

    /// What can be read while another process has the store open; `None` if several processes can have it open.
    fn files(&self) -> Option<Box<dyn StoreFiles>>;

    /// The schema of the database, also while a server runs; `None` for an engine that has no schema. Changes nothing.
    /// Blocks.
    ///
    /// # Errors
    /// [`OpenError`].
    fn schema(&self) -> Result<Option<SchemaStatus>, OpenError>;

    /// Makes the migrations that the database lacks, and returns them. Blocks.
    ///
    /// # Errors
    /// [`OpenError`].
    fn migrate(&self) -> Result<Vec<&'static Migration>, OpenError>;

    /// The signing keys in the database; `None` if they are files in the data folder.
    fn keys(&self) -> Option<Arc<dyn KeyTable>>;

    /// Whether several servers may use the store at once.
    fn sharing(&self) -> Sharing;

    /// Checks the store without changing it. Blocks.
    ///
    /// # Errors
    /// If it cannot be read at all.
    fn examine(&self) -> anyhow::Result<Examination>;

    /// Whether a backup can be restored without replacing anything. Needs no lock.
    ///
    /// # Errors
    /// If that is unknown.
    fn is_free(&self) -> Result<bool, OpenError>;

    /// Begins a restore. Blocks.
    ///
    /// # Errors
    /// [`OpenError`].
    fn begin_restore(&self, now: Timestamp) -> Result<Box<dyn RestoreTarget>, OpenError>;

    /// Begins a copy to the empty place of the store, or goes on with one. Blocks.
    ///
    /// # Errors
    /// [`OpenError`], also if there is a store.
    fn begin_copy(&self, now: Timestamp) -> Result<Box<dyn StagedCopy>, OpenError>;
}

/// Whether several servers may use a store at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// Several may, also on several machines.
    Shared,
    /// One has it alone.
    Alone,
}

/// Whether a store is opened for writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenMode {
    /// For reading and writing.
    ReadWrite,
    /// For reading; nothing is created or changed.
    ReadOnly,
}

/// An open store.
pub(crate) trait OpenStore: Store {
    /// Closes the store, so that another process can open it. Blocks.
    ///
    /// # Errors
    /// If it was not closed cleanly. No data is lost.
    fn close(&self) -> anyhow::Result<()>;

    /// Where servers that share the store count together; `None` if only one has it.
    fn shared_counts(&self) -> Option<Arc<dyn SharedCounts>>;

    /// The jobs of the store. `folder` is for files: the jobs themselves, unless servers share them. Blocks.
    ///
    /// # Errors
    /// If the folder cannot be used.
    fn jobs(&self, folder: &Path) -> io::Result<Arc<dyn JobStore>> {
        Ok(Arc::new(JobFiles::open(folder.to_owned())?))
    }

    /// The state that the metrics show.
    fn state(&self) -> StoreState;

    /// The state of the read cache that the metrics show; `None` if the engine has none.
    fn cache(&self) -> Option<CacheState> {
        None
    }
}

/// What can be read of a store while another process has it open, possibly as of an earlier moment. Blocks.
pub(crate) trait StoreFiles: Send + Sync {
    /// A page of the audit log.
    ///
    /// # Errors
    /// If it cannot be read.
    fn audit_records(&self, query: &AuditQuery) -> anyhow::Result<AuditPage>;

    /// Whether the log has newer records that are not visible in the files yet.
    ///
    /// # Errors
    /// If that is unknown.
    fn is_behind(&self) -> anyhow::Result<bool>;

    /// The names of the parties in the records that still exist.
    ///
    /// # Errors
    /// If they cannot be read.
    fn party_names(&self, records: &[Arc<AuditRecord>]) -> anyhow::Result<PartyNames>;

    /// Finds the id of a user by login, of a service account by name, or of an API key by prefix.
    ///
    /// # Errors
    /// If the accounts cannot be read.
    fn find_id(
        &self,
        login: &Login,
        account: Option<&ServiceAccountName>,
        key: Option<&ApiKeyPrefix>,
    ) -> anyhow::Result<Option<Uuid>>;
}

/// A store that is being restored, and the files that are moved together with it.
pub(crate) trait RestoreTarget: Restore {
    /// Whether there is no store yet.
    ///
    /// # Errors
    /// If that is unknown.
    fn is_empty(&self) -> io::Result<bool>;

    /// The existing store, to read.
    ///
    /// # Errors
    /// [`OpenError`].
    fn current(&self) -> Result<Arc<dyn Store>, OpenError>;

    /// The folder of the store.
    fn folder(&self) -> &Path;

    /// Where the existing store is kept, in messages.
    fn replaced(&self) -> String;

    /// The folder in which files can be prepared for [`replace_file`](Self::replace_file).
    fn staging(&self) -> PathBuf;

    /// Sets the signing keys of the restored store, if they are in its database. Blocks.
    ///
    /// # Errors
    /// [`RestoreError`].
    fn set_keys(&mut self, keys: StoredKeys) -> Result<(), RestoreError>;

    /// Moves `path`, if it exists, to the replaced store, and `prepared`, if given, to `path`, when the restore takes effect.
    fn replace_file(&mut self, path: &Path, prepared: Option<&Path>);
}
