//! Errors of reading and writing backups.

use crate::line::FORMAT_VERSION;
use roster_storage::StoreError;
use std::io;
use thiserror::Error;

/// Why a file cannot be restored. Each message says what to do.
#[derive(Debug, Error)]
pub enum BackupError {
    /// Not a backup.
    #[error("it is not a Roster backup; name a file that `roster backup` made")]
    NotABackup,
    /// Written by a newer Roster.
    #[error(
        "it has format version {0}, and this Roster reads up to {FORMAT_VERSION}; restore it with the Roster that made \
         it, or a newer one"
    )]
    Newer(u64),
    /// Truncated, or changed since it was written.
    #[error("it is damaged ({0}); copy it again from its source, or use an older backup")]
    Damaged(String),
    /// It contains a number from which a store could not continue.
    #[error("{0}, a number that Roster never assigns; use an older backup")]
    NumberTooLarge(String),
    /// It cannot be read.
    #[error("it cannot be read")]
    Io(#[from] io::Error),
}

impl BackupError {
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }
}

/// Why a backup was not written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The backup cannot be written.
    #[error("the backup cannot be written")]
    Io(#[from] io::Error),
}
