//! The ports through which Roster keeps its data, and the contract that every engine passes.
//!
//! Reads are named by noun: [`Store::user`], [`Store::users`]. A write is data: a use case composes one
//! [`UnitOfWork`] (the audit record, the guards that must still hold, the resulting states), and [`Store::commit`]
//! applies all of it or none. Nothing else changes a store, so an audit record cannot be forgotten or lost.
//!
//! [`Snapshot`] reads a whole store and [`Restore`] creates one from it. Backups move between engines this way. [`StagedCopy`]
//! creates one too, in steps that survive the end of the process.
//!
//! An engine is accepted when the suite in `contract` (feature `contract-tests`) passes.

mod changed;
#[cfg(feature = "contract-tests")]
pub mod contract;
mod error;
mod finding;
mod jobs;
mod lock_holder;
mod observer;
mod reply_batch;
mod shared_counts;
mod signing_keys;
mod snapshot;
mod staged_copy;
mod store;
mod user_keys;
mod work;

pub use changed::{Announce, Entity, EntityError, Invalidate};
pub use error::{CommitError, Conflict, StoreError};
pub use finding::{Examination, Finding, FindingLevel, Holder};
pub use jobs::{Admission, JobStore, JobUpload, JobWrite, ReportChange, StoredJob, Submission};
pub use lock_holder::lock_holder;
pub use observer::CommitObserver;
pub use reply_batch::{PendingCommit, Reply, ReplyBatch, Settled};
pub use shared_counts::{Count, CountChange, CountKey, SharedCounts};
pub use signing_keys::{KeyStamp, KeyWrite, SealedKey, StoredKeys};
pub use snapshot::{Restore, RestoreError, Snapshot, SnapshotProgress, StoredItem};
pub use staged_copy::{CopyPosition, StagedCopy};
pub use store::{Store, UserSession};
pub use user_keys::UserKeys;
pub use work::{Change, Guard, Maintenance, UnitOfWork};
