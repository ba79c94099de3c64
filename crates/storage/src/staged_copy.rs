//! A store that is copied to an empty place in steps.

use crate::{RestoreError, StoredItem, StoredKeys};
use async_trait::async_trait;

/// How far a copy has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopyPosition {
    /// The number of items that were added.
    pub items: u64,
    /// A digest of these items, chosen by whoever adds them. It shows whether a source still begins with them.
    pub digest: String,
}

/// A store that is built beside an empty place, in steps that survive the end of the process.
///
/// Every engine guarantees:
/// - each step is all or nothing, and durable when it returns `Ok`;
/// - who begins a copy to the same place again finds the [`position`](StagedCopy::position) of the last step;
/// - the store is invisible until [`finish`](StagedCopy::finish), which is all or nothing. Until then, nothing but a copy
///   opens the place, and a server that had opened it before sees nothing of the copy;
/// - afterwards, a snapshot has the added items, in the same order and with the same audit numbers.
#[async_trait]
pub trait StagedCopy: Send {
    /// How far the copy has come.
    fn position(&self) -> &CopyPosition;

    /// Adds items, in the order of a [`Snapshot`](crate::Snapshot), as one step. `position` is that after them.
    ///
    /// # Errors
    /// [`RestoreError`]; this copy can then only be discarded, but may be begun again after its last step.
    async fn add(&mut self, items: Vec<StoredItem>, position: CopyPosition) -> Result<(), RestoreError>;

    /// Makes it the store, with these signing keys if the engine keeps them.
    ///
    /// # Errors
    /// [`RestoreError::Occupied`] if there is a store in the place by now. After any error but
    /// [`RestoreError::Unfinished`], there is no new store.
    async fn finish(self: Box<Self>, keys: Option<StoredKeys>) -> Result<(), RestoreError>;

    /// Removes what was added: the place is empty afterwards. It works after a failed step, too.
    ///
    /// # Errors
    /// [`RestoreError::Unavailable`].
    async fn discard(self: Box<Self>) -> Result<(), RestoreError>;
}
