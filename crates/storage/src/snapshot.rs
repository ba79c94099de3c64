//! One moment of a store as a whole: to be read out of one engine, and into another.

use crate::{Guard, StoreError};
use async_trait::async_trait;
use roster_domain::{AuditPosition, AuditRecord, ServiceAccount, Session, User};
use std::error::Error as StdError;
use std::sync::Arc;
use thiserror::Error;

/// One thing that a store keeps.
#[derive(Clone, Debug, PartialEq)]
pub enum StoredItem {
    /// A user.
    User(Arc<User>),
    /// A service account with its keys.
    ServiceAccount(Arc<ServiceAccount>),
    /// A session.
    Session(Arc<Session>),
    /// A record of the audit log, and its number.
    Audit(AuditPosition, Arc<AuditRecord>),
}

/// One moment of a store, read in pieces. Commits go on meanwhile and do not show in it.
///
/// What every engine owes its callers:
/// - all pieces together are one state that the store really had, at the call of [`Store::snapshot`] or later;
/// - users come first, then service accounts, then sessions, then the audit log, oldest record first, numbers
///   growing; nothing comes twice;
/// - each session's user is there;
/// - the memory for a piece does not grow with the store.
///
/// [`Store::snapshot`]: crate::Store::snapshot
#[async_trait]
pub trait Snapshot: Send {
    /// The next piece. An empty one is the end.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot answer. The snapshot is of no more use then.
    async fn next(&mut self) -> Result<Vec<StoredItem>, StoreError>;

    /// How much of it was read.
    fn progress(&self) -> SnapshotProgress;
}

/// How much of a snapshot was read, in a unit of the engine's choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SnapshotProgress {
    /// Read so far.
    pub done: u64,
    /// All there is; may be an estimate.
    pub total: u64,
}

/// A store in the making, in a place of its own. Nobody sees it before [`finish`](Restore::finish); dropped before,
/// it leaves nothing behind that counts.
///
/// What every engine owes its callers:
/// - a snapshot of the restored store has the items that were added, in the same order and with the same audit numbers;
/// - `finish` is all or nothing and durable when it returns `Ok`, also when the process is killed in it;
/// - the memory for the audit log does not grow with it.
#[async_trait]
pub trait Restore: Send {
    /// Adds items, in the order of a [`Snapshot`].
    ///
    /// # Errors
    /// [`RestoreError`]; the store in the making is of no more use then.
    async fn add(&mut self, items: Vec<StoredItem>) -> Result<(), RestoreError>;

    /// Makes it a store.
    ///
    /// # Errors
    /// [`RestoreError`]; then there is no new store, and what was in its place before is there.
    async fn finish(self: Box<Self>) -> Result<(), RestoreError>;
}

/// Why a store was not restored.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// Two items have what only one may have.
    #[error("{item} has what another one has: {taken:?}")]
    Clash {
        /// The later one, such as `user 0190a3e4-…`.
        item: String,
        /// What is taken.
        taken: Guard,
    },
    /// An item comes twice, out of order, or without what it belongs to.
    #[error("{0}")]
    Order(String),
    /// The store cannot be written. What was there is as before.
    #[error("the restored store cannot be written")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),
    /// The restored store is in force, but not all of its files are in place.
    #[error(
        "the backup is in force, and not all of its files are in place; the next start, or the next command, puts them there"
    )]
    Unfinished(#[source] Box<dyn StdError + Send + Sync>),
}
