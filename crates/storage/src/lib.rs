//! The ports through which Roster keeps its data, and the contract that every engine passes.
//!
//! Reading is by noun: [`Store::user`], [`Store::users`]. Writing is data: a use case composes one
//! [`UnitOfWork`] (what was done, what must still hold, what results) and [`Store::commit`] applies all of
//! it or none. Nothing else changes a store, so an audit record can be neither forgotten nor lost.
//!
//! A store as a whole is read as a [`Snapshot`] and made anew by a [`Restore`]: that is how backups move between engines.
//!
//! An engine is accepted when the suite in `contract` (feature `contract-tests`) passes.

#[cfg(feature = "contract-tests")]
pub mod contract;
mod error;
mod finding;
mod snapshot;
mod store;
mod work;

pub use error::{CommitError, Conflict, StoreError};
pub use finding::{Finding, FindingLevel};
pub use snapshot::{Restore, RestoreError, Snapshot, SnapshotProgress, StoredItem};
pub use store::Store;
pub use work::{Change, Guard, Maintenance, UnitOfWork};
