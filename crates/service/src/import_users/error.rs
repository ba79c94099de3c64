//! Why an import ended early.

use super::observer::Progress;
use crate::Error;
use roster_domain::policy;
use roster_import::{ReadError, UnreadableFile};
use std::io;
use thiserror::Error as ThisError;

/// Why an import ended early.
#[derive(Debug, ThisError)]
pub enum ImportError {
    /// No record could be read, and nothing was written. Only [`UnreadableFile::Changed`] can occur later.
    #[error(transparent)]
    Unreadable(#[from] UnreadableFile),
    /// Reading the file failed. Run the import again to continue; it recognises the users it has created.
    #[error("the file cannot be read to the end")]
    Io(#[from] io::Error),
    /// The caller may not import; nothing was written.
    #[error(transparent)]
    Denied(#[from] policy::Denied),
    /// The store failed. Run the import again to continue; it recognises the users it has created.
    #[error("the import stopped after {} of {} records; run it again to continue", .progress.done, .progress.total)]
    Stopped {
        /// The progress when it stopped.
        progress: Progress,
        /// What stopped it.
        #[source]
        source: Error,
    },
}

impl From<ReadError> for ImportError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unreadable(error) => error.into(),
            ReadError::Io(error) => error.into(),
        }
    }
}

/// Why an import ended early, before it is known how far it came.
pub(crate) enum ImportFailure {
    /// The file cannot be read.
    Early(ImportError),
    /// The store failed, or the ledger stopped it.
    Stopped(Error),
}

impl From<ImportError> for ImportFailure {
    fn from(error: ImportError) -> Self {
        Self::Early(error)
    }
}
