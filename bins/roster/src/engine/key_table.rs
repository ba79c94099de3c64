//! The signing keys of an engine that keeps them in its database.

use roster_storage::{KeyStamp, KeyWrite, StoredKeys};

/// The signing keys in a database. Several processes may use them at once. Every method blocks.
pub(crate) trait KeyTable: Send + Sync {
    /// Tells whether the keys have changed.
    ///
    /// # Errors
    /// If the database cannot be read. The same applies to the other methods.
    fn stamp(&self) -> anyhow::Result<KeyStamp>;

    /// The keys, as one state.
    ///
    /// # Errors
    /// If they cannot be read.
    fn read(&self) -> anyhow::Result<StoredKeys>;

    /// Replaces the keys that have this version.
    ///
    /// # Errors
    /// If they cannot be written.
    fn replace(&self, version: u64, keys: &StoredKeys) -> anyhow::Result<KeyWrite>;

    /// Stores that all changes up to this one are in the audit log.
    ///
    /// # Errors
    /// If that cannot be written.
    fn advance_audited(&self, number: u64) -> anyhow::Result<()>;
}
