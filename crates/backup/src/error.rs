//! Why a backup could not be read or written.

use crate::line::FORMAT_VERSION;
use roster_storage::StoreError;
use std::io;
use thiserror::Error;

/// Why a file cannot be restored. Each says what to do.
#[derive(Debug, Error)]
pub enum BackupError {
    /// Something else.
    #[error("it is no backup of Roster; name a file that `roster backup` made")]
    NotABackup,
    /// Written by a later Roster.
    #[error(
        "it has format version {0}, and this Roster reads up to {FORMAT_VERSION}; restore it with the Roster that made \
         it, or a later one"
    )]
    Newer(u64),
    /// Cut off, or changed since it was written.
    #[error("it is damaged ({0}); copy it again from where it was kept, or take an older backup")]
    Damaged(String),
    /// It holds a number from which a store cannot go on counting.
    #[error("{0}, a number that Roster never gives; take an older backup")]
    NumberTooLarge(String),
    /// It cannot be read at all.
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
