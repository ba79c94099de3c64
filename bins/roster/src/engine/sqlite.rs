//! A SQLite database, `sqlite:PATH`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use roster_config::Storage;
use roster_domain::{ApiKeyPrefix, AuditPage, AuditQuery, AuditRecord, Login, ServiceAccountName};
use roster_service::{Clock, PartyNames, SystemClock};
use roster_storage::{
    CommitObserver, Examination, KeyStamp, KeyWrite, RestoreError, SharedCounts, StagedCopy, Store,
    StoredKeys,
};
use roster_storage_cache::{CacheSettings, CachedStore};
use roster_storage_sql::{Migration, SchemaStatus};
use roster_storage_sqlite::{
    DatabaseFile, OpenError as SqliteOpenError, SqliteCopy, SqliteKeys, SqliteRestore, SqliteStore,
    SqliteStoreSettings, examine, migrate, schema_status,
};
use roster_telemetry::metrics::{CacheState, StoreState};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::cached::{cache_settings, cache_state, read_cache};
use super::key_table::KeyTable;
use super::open_error::{Held, OpenError};
use super::port::{Engine, OpenMode, OpenStore, RestoreTarget, Sharing, StoreFiles};
use crate::terminal::absolute;

/// The engine with its database.
pub(super) struct SqliteEngine {
    path: PathBuf,
    /// How long a read may take.
    read_timeout: Duration,
    /// How much of the database its connections keep in memory.
    page_cache_bytes: u64,
    cache: CacheSettings,
}

impl SqliteEngine {
    pub(super) fn new(path: &Path, storage: &Storage) -> Self {
        let (read_timeout, page_cache_bytes) = (storage.statement_timeout, storage.sqlite_cache_bytes);
        Self { path: path.to_owned(), read_timeout, page_cache_bytes, cache: cache_settings(storage) }
    }

    fn settings(&self) -> SqliteStoreSettings {
        let settings = SqliteStoreSettings::new(&self.path, SystemClock.now());
        SqliteStoreSettings {
            read_timeout: self.read_timeout,
            cache_bytes: self.page_cache_bytes,
            ..settings
        }
    }
}

impl Engine for SqliteEngine {
    fn folder(&self) -> &Path {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(Path::new("."))
    }

    fn identity(&self) -> &Path {
        &self.path
    }

    fn location(&self) -> String {
        absolute(&self.path)
    }

    fn exists(&self) -> io::Result<bool> {
        Ok(self.path.try_exists()? || SqliteCopy::is_begun(&self.path))
    }

    fn open(
        &self,
        mode: OpenMode,
        observer: Option<Arc<dyn CommitObserver>>,
    ) -> Result<Arc<dyn OpenStore>, OpenError> {
        let settings = SqliteStoreSettings { observer, ..self.settings() };
        Ok(match mode {
            OpenMode::ReadWrite => {
                let runtime = Handle::try_current().map_err(|error| OpenError::Unusable(Box::new(error)))?;
                let store = Arc::new(SqliteStore::open(settings)?);
                Arc::new(CachedStore::new(store, read_cache(&self.cache), None, runtime))
            }
            OpenMode::ReadOnly => Arc::new(SqliteStore::open_to_read(&settings)?),
        })
    }

    fn files(&self) -> Option<Box<dyn StoreFiles>> {
        Some(Box::new(SqliteFiles(self.settings())))
    }

    fn schema(&self) -> Result<Option<SchemaStatus>, OpenError> {
        Ok(Some(schema_status(&self.settings())?))
    }

    fn migrate(&self) -> Result<Vec<&'static Migration>, OpenError> {
        Ok(migrate(&self.settings())?.iter().collect())
    }

    fn keys(&self) -> Option<Arc<dyn KeyTable>> {
        Some(Arc::new(SqliteKeys::new(self.settings())))
    }

    fn sharing(&self) -> Sharing {
        Sharing::Alone
    }

    fn examine(&self) -> anyhow::Result<Examination> {
        Ok(examine(&self.settings())?)
    }

    fn is_free(&self) -> Result<bool, OpenError> {
        Ok(SqliteRestore::is_free(&self.settings()))
    }

    fn begin_restore(&self, now: Timestamp) -> Result<Box<dyn RestoreTarget>, OpenError> {
        Ok(Box::new(SqliteRestore::begin(&SqliteStoreSettings::new(&self.path, now))?))
    }

    fn begin_copy(&self, now: Timestamp) -> Result<Box<dyn StagedCopy>, OpenError> {
        Ok(Box::new(SqliteCopy::begin(&SqliteStoreSettings::new(&self.path, now))?))
    }
}

impl OpenStore for SqliteStore {
    fn close(&self) -> anyhow::Result<()> {
        Ok(Self::close(self)?)
    }

    fn shared_counts(&self) -> Option<Arc<dyn SharedCounts>> {
        None
    }

    /// The log is the journal, and a checkpoint the snapshot.
    fn state(&self) -> StoreState {
        let (metrics, hashes) = (self.metrics(), self.imported_hashes());
        StoreState {
            users: self.user_count() as u64,
            sessions: self.session_count() as u64,
            weak_hashes: hashes.weak,
            peppered_hashes: hashes.peppered,
            commits: metrics.commits,
            conflicts: metrics.conflicts,
            failures: metrics.failures,
            syncs: metrics.groups,
            written_bytes: metrics.bytes_written,
            journal_bytes: metrics.log_bytes,
            snapshots: metrics.checkpoints,
            snapshot_failures: metrics.checkpoint_failures,
        }
    }
}

impl OpenStore for CachedStore<SqliteStore> {
    fn close(&self) -> anyhow::Result<()> {
        OpenStore::close(&**self.store())
    }

    fn shared_counts(&self) -> Option<Arc<dyn SharedCounts>> {
        OpenStore::shared_counts(&**self.store())
    }

    fn state(&self) -> StoreState {
        self.store().state()
    }

    fn cache(&self) -> Option<CacheState> {
        Some(cache_state(&self.cache().metrics(), None))
    }
}

/// The database, which can be read while another process writes it.
struct SqliteFiles(SqliteStoreSettings);

impl SqliteFiles {
    fn open(&self) -> anyhow::Result<DatabaseFile> {
        Ok(DatabaseFile::open(&self.0)?)
    }
}

impl StoreFiles for SqliteFiles {
    fn audit_records(&self, query: &AuditQuery) -> anyhow::Result<AuditPage> {
        Ok(self.open()?.audit_records(query)?)
    }

    fn is_behind(&self) -> anyhow::Result<bool> {
        Ok(false)
    }

    fn party_names(&self, records: &[Arc<AuditRecord>]) -> anyhow::Result<PartyNames> {
        let database = self.open()?;
        // A party that cannot be read has no name here; the record is shown all the same.
        Ok(PartyNames::of(
            records,
            |id| database.user(id).ok().flatten(),
            |id| database.service_account(id).ok().flatten(),
        ))
    }

    fn find_id(
        &self,
        login: &Login,
        account: Option<&ServiceAccountName>,
        key: Option<&ApiKeyPrefix>,
    ) -> anyhow::Result<Option<Uuid>> {
        let database = self.open()?;
        if let Some(user) = database.user_by_login(login)? {
            return Ok(Some(*user.id.as_uuid()));
        }
        if let Some(name) = account
            && let Some(id) = database.service_account_by_name(name)?
        {
            return Ok(Some(*id.as_uuid()));
        }
        let Some(prefix) = key else { return Ok(None) };
        let account = database.service_account_by_key_prefix(prefix)?;
        Ok(account.and_then(|account| Some(*account.key_by_prefix(prefix)?.id.as_uuid())))
    }
}

impl RestoreTarget for SqliteRestore {
    fn is_empty(&self) -> io::Result<bool> {
        Ok(Self::is_empty(self))
    }

    fn current(&self) -> Result<Arc<dyn Store>, OpenError> {
        Ok(Arc::new(Self::current(self)?))
    }

    fn folder(&self) -> &Path {
        Self::folder(self)
    }

    fn replaced(&self) -> String {
        format!("\"{}\"", Self::replaced(self).display())
    }

    fn staging(&self) -> PathBuf {
        Self::staging(self)
    }

    fn set_keys(&mut self, keys: StoredKeys) -> Result<(), RestoreError> {
        Self::set_keys(self, &keys)
    }

    fn replace_file(&mut self, path: &Path, prepared: Option<&Path>) {
        Self::replace_file(self, path, prepared);
    }
}

impl KeyTable for SqliteKeys {
    fn stamp(&self) -> anyhow::Result<KeyStamp> {
        Ok(Self::stamp(self)?)
    }

    fn read(&self) -> anyhow::Result<StoredKeys> {
        Ok(self.read_keys()?)
    }

    fn replace(&self, version: u64, keys: &StoredKeys) -> anyhow::Result<KeyWrite> {
        Ok(Self::replace(self, version, keys)?)
    }

    fn advance_audited(&self, number: u64) -> anyhow::Result<()> {
        Ok(Self::advance_audited(self, number)?)
    }
}

impl From<SqliteOpenError> for OpenError {
    fn from(error: SqliteOpenError) -> Self {
        match &error {
            SqliteOpenError::Held { path, pid } => {
                Self::Held(Held { message: error.to_string(), folder: path.clone(), pid: *pid })
            }
            _ => Self::Unusable(Box::new(error)),
        }
    }
}
