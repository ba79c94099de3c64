//! The signing keys, for callers that block.

use std::sync::Arc;

use anyhow::anyhow;
use roster_storage::{KeyStamp, KeyWrite, StoredKeys};
use roster_storage_postgres::{OpenError as PostgresOpenError, PostgresKeys, PostgresStoreSettings};

use super::super::key_table::KeyTable;
use super::super::open_error::OpenError;
use super::runtime::wait;
use crate::terminal::chain;

/// The signing keys, or why there is no access to them.
pub(super) struct PostgresKeyTable(Result<Arc<PostgresKeys>, String>);

impl PostgresKeyTable {
    pub(super) fn new(settings: Result<PostgresStoreSettings, OpenError>) -> Self {
        let keys = settings.map(|settings| Arc::new(PostgresKeys::new(settings)));
        Self(keys.map_err(|error| chain(&error.into())))
    }

    fn run<T, F>(&self, work: impl FnOnce(Arc<PostgresKeys>) -> F) -> anyhow::Result<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, PostgresOpenError>> + Send + 'static,
    {
        let keys = self.0.as_ref().map_err(|error| anyhow!("{error}"))?;
        Ok(wait(work(Arc::clone(keys)))??)
    }
}

impl KeyTable for PostgresKeyTable {
    fn stamp(&self) -> anyhow::Result<KeyStamp> {
        self.run(|keys| async move { keys.stamp().await })
    }

    fn read(&self) -> anyhow::Result<StoredKeys> {
        self.run(|keys| async move { keys.read_keys().await })
    }

    fn replace(&self, version: u64, stored: &StoredKeys) -> anyhow::Result<KeyWrite> {
        let stored = stored.clone();
        self.run(move |keys| async move { keys.replace(version, &stored).await })
    }

    fn advance_audited(&self, number: u64) -> anyhow::Result<()> {
        self.run(move |keys| async move { keys.advance_audited(number).await })
    }
}
