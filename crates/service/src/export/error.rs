//! Why an export failed.

use crate::Error;
use std::io;
use thiserror::Error as ThisError;

/// Why an export ended early.
#[derive(Debug, ThisError)]
pub enum ExportError {
    /// The caller may not export, or the store failed.
    #[error(transparent)]
    Roster(#[from] Error),
    /// The sink failed.
    #[error("the export cannot be written")]
    Write(#[from] io::Error),
}
