//! Failures of statements, and what they mean to a caller.

use std::time::Duration;

use roster_storage::{CommitError, RestoreError, StoreError};
use roster_storage_sql::RowError;
use rusqlite::ErrorCode;
use thiserror::Error;

/// What does not pass before the disk recovers.
const OF_THE_DISK: [ErrorCode; 7] = [
    ErrorCode::DiskFull,
    ErrorCode::SystemIoFailure,
    ErrorCode::ReadOnly,
    ErrorCode::OutOfMemory,
    ErrorCode::CannotOpen,
    ErrorCode::DatabaseCorrupt,
    ErrorCode::NotADatabase,
];

/// A statement that failed.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// SQLite reports an error.
    #[error("SQLite reports an error")]
    Sqlite(#[from] rusqlite::Error),
    /// A row holds an invalid value.
    #[error(transparent)]
    Row(#[from] RowError),
    /// A read was ended.
    #[error("SQLite did not answer within {} s", .0.as_secs_f32())]
    Slow(Duration),
}

impl Failure {
    /// Whether the file is damaged, so that a retry does not help.
    fn is_damage(&self) -> bool {
        match self {
            Self::Row(_) => true,
            Self::Slow(_) => false,
            Self::Sqlite(error) => matches!(
                error.sqlite_error_code(),
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
            ),
        }
    }

    /// Whether a limit ended the statement.
    pub(crate) fn is_interruption(&self) -> bool {
        match self {
            Self::Row(_) | Self::Slow(_) => false,
            Self::Sqlite(error) => error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted),
        }
    }

    /// Whether a later commit of the same unit can only succeed if the disk recovers first.
    pub(crate) fn is_of_the_disk(&self) -> bool {
        match self {
            Self::Row(_) | Self::Slow(_) => false,
            Self::Sqlite(error) => error.sqlite_error_code().is_some_and(|code| OF_THE_DISK.contains(&code)),
        }
    }

    /// Whether another program holds the database, so that no unit can be committed now.
    pub(crate) fn is_busy(&self) -> bool {
        match self {
            Self::Row(_) | Self::Slow(_) => false,
            Self::Sqlite(error) => error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy),
        }
    }

    /// Whether a COMMIT that failed in this way may have reached the disk: the log was written and not synced, so
    /// a power cut decides. A full disk is known before the last page of the log is written.
    pub(crate) fn leaves_commit_unknown(&self) -> bool {
        match self {
            Self::Row(_) | Self::Slow(_) => false,
            Self::Sqlite(error) => error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure),
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        if failure.is_damage() {
            Self::Damaged(Box::new(failure))
        } else {
            Self::Unavailable(Box::new(failure))
        }
    }
}

impl From<Failure> for CommitError {
    fn from(failure: Failure) -> Self {
        Self::Unavailable(Box::new(failure))
    }
}

impl From<Failure> for RestoreError {
    fn from(failure: Failure) -> Self {
        Self::Unavailable(Box::new(failure))
    }
}
