//! Errors of a store.

use crate::Guard;
use std::error::Error as StdError;
use thiserror::Error;

type Source = Box<dyn StdError + Send + Sync>;

/// A read that failed. Absence is not a failure; it is `Ok(None)`.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The store is unavailable; a retry may help.
    #[error("the store is unavailable")]
    Unavailable(#[source] Source),
    /// The stored data is invalid; a retry does not help.
    #[error("the store is damaged")]
    Damaged(#[source] Source),
}

/// A commit that failed.
#[derive(Debug, Error)]
pub enum CommitError {
    /// A guard did not hold; nothing was changed. Read again and decide again.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The store cannot write now (a full disk, a lost connection); nothing was changed. A retry may help.
    #[error("the store cannot write now")]
    Unavailable(#[source] Source),
    /// A row that the unit depends on is invalid; nothing was changed. A retry does not help.
    #[error("the store is damaged")]
    Damaged(#[source] Source),
    /// It is unknown whether the unit was committed. The caller must not report either outcome.
    #[error("the outcome of a commit is unknown")]
    OutcomeUnknown(#[source] Source),
}

/// The guard that did not hold.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("a guard did not hold: {0:?}")]
pub struct Conflict(pub Guard);

impl StoreError {
    /// Whether a retry may help.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable(_) => true,
            Self::Damaged(_) => false,
        }
    }
}
