//! Why a store cannot be opened.

use std::error::Error as StdError;
use std::path::PathBuf;

use thiserror::Error;

/// Why a store cannot be opened.
#[derive(Debug, Error)]
pub(crate) enum OpenError {
    /// Another process has it open.
    #[error(transparent)]
    Held(Held),
    /// The engine's own error, which contains the remedy.
    #[error(transparent)]
    Unusable(Box<dyn StdError + Send + Sync>),
}

/// A store that another process has open.
#[derive(Debug, Error)]
#[error("{message}")]
pub(crate) struct Held {
    /// What to tell the user.
    pub(crate) message: String,
    /// The folder of the store.
    pub(crate) folder: PathBuf,
    /// The other process, if its id is known.
    pub(crate) pid: Option<u32>,
}
