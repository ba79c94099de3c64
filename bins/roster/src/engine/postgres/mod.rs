//! A PostgreSQL database, `postgres://…`.

mod examination;
mod key_table;
mod opening;
mod restore;
mod runtime;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use roster_config::{Pooler as PoolerSetting, Secret, Settings};
use roster_service::{Clock as _, SystemClock};
use roster_storage::{CommitObserver, Examination, JobStore, SharedCounts, StagedCopy};
use roster_storage_cache::{CacheSettings, CachedStore};
use roster_storage_postgres::{
    DatabaseUrl, Pooler, PostgresCopy, PostgresStore, PostgresStoreSettings, Timeouts, UrlError, migrate,
    refuse_incomplete, schema_status,
};
use roster_storage_sql::{Migration, SchemaStatus};
use roster_telemetry::metrics::{CacheState, StoreState};
use thiserror::Error;

use super::cached::{cache_settings, cache_state, read_cache};
use super::json::JsonEngine;
use super::key_table::KeyTable;
use super::open_error::OpenError;
use super::port::{Engine, OpenMode, OpenStore, RestoreTarget, Sharing, StoreFiles};
use crate::jobs::DatabaseJobs;
use crate::private_file;
use key_table::PostgresKeyTable;
use opening::{is_incomplete, open, open_cached, unusable};
use restore::PostgresTarget;
use runtime::{connections, wait};

/// The engine with its database. Any number of processes may have it open.
pub(super) struct PostgresEngine {
    url: Result<DatabaseUrl, UrlError>,
    /// The read replicas, for servers.
    read_urls: Result<Vec<DatabaseUrl>, UrlError>,
    pooler: Pooler,
    pool_size: usize,
    timeouts: Timeouts,
    cache: CacheSettings,
    /// The data folder, which has the socket and the keys.
    folder: PathBuf,
    /// What a command that changes nothing, such as a trial import, reads instead of a database without tables.
    empty: JsonEngine,
}

/// A command that changes nothing found a database of an older Roster.
#[derive(Debug, Error)]
#[error("the database {0} lacks migrations that this version of Roster needs; make them: roster migrate up")]
struct NotMigrated(String);

impl PostgresEngine {
    pub(super) fn new(url: &Secret, settings: &Settings) -> Self {
        let storage = &settings.storage;
        let timeouts = Timeouts {
            connect: storage.connect_timeout,
            statement: storage.statement_timeout,
            lock: storage.lock_timeout,
            ..Timeouts::default()
        };
        let folder = settings.data.dir.clone();
        // There is no such folder, and reading creates none.
        let empty = JsonEngine::new(&folder.join(".no-store/users.json"), &settings.audit);
        let cache = cache_settings(storage);
        let pooler = match storage.pooler {
            PoolerSetting::None => Pooler::None,
            PoolerSetting::Session => Pooler::Session,
            PoolerSetting::Transaction => Pooler::Transaction,
        };
        let read_urls = storage.read_urls.iter().map(|url| DatabaseUrl::of_replica(url.expose())).collect();
        Self {
            url: url.expose().parse(),
            read_urls,
            pooler,
            pool_size: storage.pool_size,
            timeouts,
            cache,
            folder,
            empty,
        }
    }

    fn settings(&self, now: Timestamp) -> Result<PostgresStoreSettings, OpenError> {
        let url = self.url.clone().map_err(unusable)?;
        let mut settings = PostgresStoreSettings::new(url, now);
        settings.pooler = self.pooler;
        settings.pool_size = self.pool_size;
        settings.timeouts = self.timeouts;
        settings.runtime = Some(connections().map_err(unusable)?);
        Ok(settings)
    }

    fn settings_now(&self) -> Result<PostgresStoreSettings, OpenError> {
        self.settings(SystemClock.now())
    }

    fn status(&self) -> Result<SchemaStatus, OpenError> {
        let settings = self.settings_now()?;
        Ok(wait(async move { schema_status(&settings).await }).map_err(unusable)??)
    }
}

impl Engine for PostgresEngine {
    fn folder(&self) -> &Path {
        &self.folder
    }

    fn identity(&self) -> &Path {
        &self.folder
    }

    fn database(&self) -> Option<String> {
        self.url.as_ref().ok().map(ToString::to_string)
    }

    fn check_settings(&self) -> Result<(), OpenError> {
        self.url.clone().map_err(unusable)?;
        self.read_urls.clone().map(drop).map_err(unusable)
    }

    fn location(&self) -> String {
        match &self.url {
            Ok(url) => format!("\"{url}\""),
            Err(_) => "the URL in storage.url".to_owned(),
        }
    }

    fn exists(&self) -> io::Result<bool> {
        Ok(self.status().map_err(io::Error::other)?.found.version > 0)
    }

    fn open(
        &self,
        mode: OpenMode,
        observer: Option<Arc<dyn CommitObserver>>,
    ) -> Result<Arc<dyn OpenStore>, OpenError> {
        match mode {
            OpenMode::ReadWrite => private_file::make_folder(&self.folder).map_err(unusable)?,
            OpenMode::ReadOnly => {
                let status = self.status()?;
                if status.found.version == 0 {
                    return self.empty.open(mode, observer);
                }
                if !status.pending.is_empty() {
                    return Err(unusable(NotMigrated(self.location())));
                }
            }
        }
        let settings = PostgresStoreSettings { observer, ..self.settings_now()? };
        Ok(match mode {
            OpenMode::ReadWrite => {
                let read_urls = self.read_urls.clone().map_err(unusable)?;
                let settings = PostgresStoreSettings { read_urls, ..settings };
                Arc::new(open_cached(settings, read_cache(&self.cache))?)
            }
            OpenMode::ReadOnly => Arc::new(open(settings)?),
        })
    }

    fn files(&self) -> Option<Box<dyn StoreFiles>> {
        None
    }

    fn schema(&self) -> Result<Option<SchemaStatus>, OpenError> {
        let settings = self.settings_now()?;
        wait(async move { refuse_incomplete(&settings).await }).map_err(unusable)??;
        self.status().map(Some)
    }

    fn migrate(&self) -> Result<Vec<&'static Migration>, OpenError> {
        let settings = self.settings_now()?;
        Ok(wait(async move { migrate(&settings).await }).map_err(unusable)??)
    }

    fn keys(&self) -> Option<Arc<dyn KeyTable>> {
        Some(Arc::new(PostgresKeyTable::new(self.settings_now())))
    }

    fn sharing(&self) -> Sharing {
        Sharing::Shared
    }

    fn examine(&self) -> anyhow::Result<Examination> {
        examination::examine(self.location(), self.settings_now()?)
    }

    fn is_free(&self) -> Result<bool, OpenError> {
        if self.status()?.found.version == 0 {
            return Ok(true);
        }
        match open(self.settings_now()?) {
            // What has been copied is beside an empty store.
            Err(error) if is_incomplete(&error) => Ok(true),
            opened => restore::is_empty(opened?),
        }
    }

    fn begin_restore(&self, now: Timestamp) -> Result<Box<dyn RestoreTarget>, OpenError> {
        Ok(Box::new(PostgresTarget::begin(&self.folder, self.settings(now)?)?))
    }

    fn begin_copy(&self, now: Timestamp) -> Result<Box<dyn StagedCopy>, OpenError> {
        private_file::make_folder(&self.folder).map_err(unusable)?;
        let settings = self.settings(now)?;
        let copy = wait(async move { PostgresCopy::begin(&settings).await }).map_err(unusable)??;
        Ok(Box::new(copy))
    }
}

impl OpenStore for PostgresStore {
    fn close(&self) -> anyhow::Result<()> {
        Self::close(self);
        Ok(())
    }

    fn shared_counts(&self) -> Option<Arc<dyn SharedCounts>> {
        Some(Arc::new(Self::shared_counts(self)))
    }

    fn jobs(&self, folder: &Path) -> io::Result<Arc<dyn JobStore>> {
        Ok(Arc::new(DatabaseJobs::new(Self::jobs(self), folder.to_owned())))
    }

    /// The database syncs for each commit. It has no journal of ours, so those numbers are 0.
    fn state(&self) -> StoreState {
        let (metrics, totals) = (self.metrics(), self.totals());
        StoreState {
            users: totals.users,
            sessions: totals.sessions,
            weak_hashes: totals.imported_hashes.weak,
            peppered_hashes: totals.imported_hashes.peppered,
            commits: metrics.commits,
            conflicts: metrics.conflicts,
            failures: metrics.failures + metrics.unknown_outcomes,
            syncs: metrics.commits,
            written_bytes: 0,
            journal_bytes: 0,
            snapshots: 0,
            snapshot_failures: 0,
        }
    }
}

impl OpenStore for CachedStore<PostgresStore> {
    /// The other servers learn what was changed here before.
    fn close(&self) -> anyhow::Result<()> {
        let store = Arc::clone(self.store());
        Ok(wait(async move { store.finish().await })?)
    }

    fn shared_counts(&self) -> Option<Arc<dyn SharedCounts>> {
        OpenStore::shared_counts(&**self.store())
    }

    fn jobs(&self, folder: &Path) -> io::Result<Arc<dyn JobStore>> {
        OpenStore::jobs(&**self.store(), folder)
    }

    fn state(&self) -> StoreState {
        self.store().state()
    }

    fn cache(&self) -> Option<CacheState> {
        Some(cache_state(&self.cache().metrics(), self.store().hears_changes()))
    }
}
