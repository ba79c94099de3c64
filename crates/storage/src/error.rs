//! How a store fails.

use crate::Guard;
use std::error::Error as StdError;
use thiserror::Error;

type Source = Box<dyn StdError + Send + Sync>;

/// A read that failed. Absence is no failure: it is `Ok(None)`.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The store cannot answer now; a retry may help.
    #[error("the store is unavailable")]
    Unavailable(#[source] Source),
    /// What is stored makes no sense; a retry does not help.
    #[error("the store is damaged")]
    Damaged(#[source] Source),
}

/// A commit that did not end well.
#[derive(Debug, Error)]
pub enum CommitError {
    /// A guard did not hold; nothing was changed. Read again and decide anew.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The store cannot write now (a full disk, a lost connection); nothing was changed. A retry may help.
    #[error("the store cannot write now")]
    Unavailable(#[source] Source),
    /// Whether the unit was committed cannot be known. The caller must not claim either.
    #[error("the outcome of a commit is unknown")]
    OutcomeUnknown(#[source] Source),
}

/// The guard that did not hold.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("a guard did not hold: {0:?}")]
pub struct Conflict(pub Guard);

impl StoreError {
    /// Whether asking again may help.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable(_) => true,
            Self::Damaged(_) => false,
        }
    }
}
