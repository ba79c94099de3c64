//! The embedded engine, `json:PATH`.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;
use roster_auth::{Entropy, SystemEntropy};
use roster_config::Audit;
use roster_domain::{ApiKeyPrefix, AuditPage, AuditQuery, AuditRecord, Login, ServiceAccountName};
use roster_service::{Clock, PartyNames, SystemClock};
use roster_storage::{
    CommitObserver, Examination, RestoreError, SharedCounts, StagedCopy, Store, StoredKeys,
};
use roster_storage_json::{
    AuditLog, AuditRotation, JsonCopy, JsonRestore, JsonStore, JsonStoreSettings, OpenError as JsonOpenError,
    UsersFile, examine,
};
use roster_storage_sql::{Migration, SchemaStatus};
use roster_telemetry::metrics::StoreState;
use uuid::Uuid;

use super::key_table::KeyTable;
use super::open_error::{Held, OpenError};
use super::port::{Engine, OpenMode, OpenStore, RestoreTarget, Sharing, StoreFiles};
use crate::terminal::absolute;

/// The embedded engine with its users file.
pub(super) struct JsonEngine {
    users_file: PathBuf,
    rotation: AuditRotation,
}

impl JsonEngine {
    pub(super) fn new(users_file: &Path, audit: &Audit) -> Self {
        let stamp = || (SystemClock.now(), random());
        let rotation = AuditRotation {
            max_bytes: audit.rotate_bytes,
            max_age: audit.rotate_age,
            keep: audit.keep,
            stamp: Arc::new(stamp),
        };
        Self { users_file: users_file.to_owned(), rotation }
    }

    /// The settings of the store, including the time and randomness, which it must not obtain itself.
    fn settings(&self, now: Timestamp, observer: Option<Arc<dyn CommitObserver>>) -> JsonStoreSettings {
        JsonStoreSettings {
            users_file: self.users_file.clone(),
            now,
            random: random(),
            rotation: Some(self.rotation.clone()),
            observer,
        }
    }

    fn settings_now(&self) -> JsonStoreSettings {
        self.settings(SystemClock.now(), None)
    }
}

fn random() -> [u8; 10] {
    let mut random = [0; 10];
    SystemEntropy.fill(&mut random);
    random
}

impl Engine for JsonEngine {
    fn folder(&self) -> &Path {
        let folder = self.users_file.parent().filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(Path::new("."))
    }

    fn identity(&self) -> &Path {
        self.folder()
    }

    fn location(&self) -> String {
        absolute(&self.users_file)
    }

    fn exists(&self) -> io::Result<bool> {
        if JsonStore::is_there(&self.users_file) { Ok(true) } else { self.users_file.try_exists() }
    }

    fn open(
        &self,
        mode: OpenMode,
        observer: Option<Arc<dyn CommitObserver>>,
    ) -> Result<Arc<dyn OpenStore>, OpenError> {
        let settings = self.settings(SystemClock.now(), observer);
        Ok(Arc::new(match mode {
            OpenMode::ReadWrite => JsonStore::open(settings)?,
            OpenMode::ReadOnly => JsonStore::open_to_read(&settings)?,
        }))
    }

    fn files(&self) -> Option<Box<dyn StoreFiles>> {
        Some(Box::new(JsonFiles(self.users_file.clone())))
    }

    fn schema(&self) -> Result<Option<SchemaStatus>, OpenError> {
        Ok(None)
    }

    /// Opening the store upgrades its files.
    fn migrate(&self) -> Result<Vec<&'static Migration>, OpenError> {
        Ok(Vec::new())
    }

    fn keys(&self) -> Option<Arc<dyn KeyTable>> {
        None
    }

    fn sharing(&self) -> Sharing {
        Sharing::Alone
    }

    fn examine(&self) -> anyhow::Result<Examination> {
        Ok(examine(&self.settings_now())?)
    }

    fn is_free(&self) -> Result<bool, OpenError> {
        Ok(JsonRestore::is_free(&self.settings_now())?)
    }

    fn begin_restore(&self, now: Timestamp) -> Result<Box<dyn RestoreTarget>, OpenError> {
        Ok(Box::new(JsonRestore::begin(&self.settings(now, None))?))
    }

    fn begin_copy(&self, now: Timestamp) -> Result<Box<dyn StagedCopy>, OpenError> {
        Ok(Box::new(JsonCopy::begin(&self.settings(now, None))?))
    }
}

impl OpenStore for JsonStore {
    fn close(&self) -> anyhow::Result<()> {
        Ok(Self::close(self)?)
    }

    fn shared_counts(&self) -> Option<Arc<dyn SharedCounts>> {
        None
    }

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
            syncs: metrics.syncs,
            written_bytes: metrics.bytes_written,
            journal_bytes: metrics.journal_bytes,
            snapshots: metrics.snapshots,
            snapshot_failures: metrics.snapshot_failures,
        }
    }
}

/// The users file and the audit log next to it.
struct JsonFiles(PathBuf);

impl JsonFiles {
    fn log(&self) -> AuditLog {
        AuditLog::beside(&self.0)
    }

    fn users(&self) -> anyhow::Result<UsersFile> {
        Ok(UsersFile::read(&self.0)?)
    }

    fn failed(&self) -> String {
        format!("cannot read the audit log next to \"{}\"", self.0.display())
    }
}

impl StoreFiles for JsonFiles {
    fn audit_records(&self, query: &AuditQuery) -> anyhow::Result<AuditPage> {
        self.log().page(query).with_context(|| self.failed())
    }

    fn is_behind(&self) -> anyhow::Result<bool> {
        self.log().is_behind().with_context(|| self.failed())
    }

    fn party_names(&self, records: &[Arc<AuditRecord>]) -> anyhow::Result<PartyNames> {
        let users = self.users()?;
        Ok(PartyNames::of(records, |id| users.user(id), |id| users.service_account(id)))
    }

    fn find_id(
        &self,
        login: &Login,
        account: Option<&ServiceAccountName>,
        key: Option<&ApiKeyPrefix>,
    ) -> anyhow::Result<Option<Uuid>> {
        let users = self.users()?;
        let user = users.user_by_login(login).map(|user| *user.id.as_uuid());
        let account = || account.and_then(|name| Some(*users.service_account_by_name(name)?.id.as_uuid()));
        let key = || key.and_then(|prefix| Some(*users.api_key_by_prefix(prefix)?.as_uuid()));
        Ok(user.or_else(account).or_else(key))
    }
}

impl RestoreTarget for JsonRestore {
    fn is_empty(&self) -> io::Result<bool> {
        Self::is_empty(self)
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

    /// The keys are files.
    fn set_keys(&mut self, _: StoredKeys) -> Result<(), RestoreError> {
        Ok(())
    }

    fn replace_file(&mut self, path: &Path, prepared: Option<&Path>) {
        Self::replace_file(self, path, prepared);
    }
}

impl From<JsonOpenError> for OpenError {
    fn from(error: JsonOpenError) -> Self {
        match &error {
            JsonOpenError::Held { folder, pid } => {
                Self::Held(Held { message: error.to_string(), folder: folder.clone(), pid: *pid })
            }
            _ => Self::Unusable(Box::new(error)),
        }
    }
}
