//! A whole store as of one moment, to be copied from one engine to another.

use crate::{Guard, StoreError};
use async_trait::async_trait;
use roster_domain::{AuditPosition, AuditRecord, ServiceAccount, Session, User};
use std::error::Error as StdError;
use std::sync::Arc;
use thiserror::Error;

/// One item of a store.
#[derive(Clone, Debug, PartialEq)]
pub enum StoredItem {
    /// A user.
    User(Arc<User>),
    /// A service account with its keys.
    ServiceAccount(Arc<ServiceAccount>),
    /// A session.
    Session(Arc<Session>),
    /// An audit record and its number.
    Audit(AuditPosition, Arc<AuditRecord>),
}

/// A store as of one moment, read in pieces. Commits continue meanwhile and do not show in it.
///
/// Every engine guarantees:
/// - all pieces together are one state that the store had when [`Store::snapshot`] was called or later;
/// - users come first, then service accounts and sessions, each in the order of their ids, and then the audit log, oldest
///   record first with increasing numbers; no item occurs twice;
/// - the user of each session is included;
/// - the memory for a piece does not grow with the store.
///
/// [`Store::snapshot`]: crate::Store::snapshot
#[async_trait]
pub trait Snapshot: Send {
    /// The next piece. An empty one marks the end.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read. The snapshot cannot be used afterwards.
    async fn next(&mut self) -> Result<Vec<StoredItem>, StoreError>;

    /// How much has been read.
    fn progress(&self) -> SnapshotProgress;
}

/// How much of a snapshot has been read, in a unit that the engine chooses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SnapshotProgress {
    /// Read so far.
    pub done: u64,
    /// The total; may be an estimate.
    pub total: u64,
}

/// A store that is being built in a place of its own. It is invisible until [`finish`](Restore::finish); if dropped
/// earlier, it has no effect.
///
/// Every engine guarantees:
/// - a snapshot of the restored store has the added items, in the same order and with the same audit numbers;
/// - `finish` is all or nothing, even if the process is killed during it, and durable when it returns `Ok`;
/// - the memory for the audit log does not grow with it.
#[async_trait]
pub trait Restore: Send {
    /// Adds items, in the order of a [`Snapshot`].
    ///
    /// # Errors
    /// [`RestoreError`]; the restore cannot be used afterwards.
    async fn add(&mut self, items: Vec<StoredItem>) -> Result<(), RestoreError>;

    /// Makes it the store.
    ///
    /// # Errors
    /// [`RestoreError`]; then there is no new store, and the previous one is unchanged, except for
    /// [`RestoreError::Unfinished`].
    async fn finish(self: Box<Self>) -> Result<(), RestoreError>;
}

/// Why a store was not restored.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// Two items have a value that must be unique.
    #[error("{item} has {} of another one", unique_value(taken))]
    Clash {
        /// The later one, such as `user 0190a3e4-…`.
        item: String,
        /// The value that is taken.
        taken: Guard,
    },
    /// An item occurs twice, is out of order, or lacks the item that it belongs to.
    #[error("{0}")]
    Order(String),
    /// Somebody has created a store in the place of a copy since the copy began.
    #[error("there is a store in the same place by now, which somebody has created meanwhile")]
    Occupied,
    /// The store cannot be written. The previous one is unchanged.
    #[error("the restored store cannot be written")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),
    /// The restored store is in effect, but not all of its files are in place.
    #[error(
        "the backup is in effect, but not all of its files are in place; the next start or command moves them there"
    )]
    Unfinished(#[source] Box<dyn StdError + Send + Sync>),
}

/// The value that such a guard is about, for people.
fn unique_value(guard: &Guard) -> String {
    match guard {
        Guard::UsernameFree(name, _) => format!("the username {:?}", name.as_str()),
        Guard::EmailFree(email, _) => format!("the email address {:?}", email.as_str()),
        Guard::AliasFree(alias, _) => format!("the login alias {:?}", alias.as_str()),
        Guard::ExternalIdFree(id, _) => format!("the external id {:?}", id.as_str()),
        Guard::ServiceAccountNameFree(name, _) => format!("the name {:?}", name.as_str()),
        Guard::ApiKeyPrefixFree(prefix, _) => format!("the API key prefix {:?}", prefix.as_str()),
        other => format!("a value ({other:?})"),
    }
}
