//! The items of a snapshot, in portions of another size than its pieces.

use std::collections::VecDeque;

use roster_storage::{Snapshot, StoreError, StoredItem};

/// Reads a snapshot.
pub(super) struct Items {
    snapshot: Box<dyn Snapshot>,
    read: VecDeque<StoredItem>,
}

impl Items {
    pub(super) fn of(snapshot: Box<dyn Snapshot>) -> Self {
        Self { snapshot, read: VecDeque::new() }
    }

    /// The next items: `count`, or fewer at the end.
    ///
    /// # Errors
    /// If the snapshot cannot be read.
    pub(super) async fn take(&mut self, count: usize) -> Result<Vec<StoredItem>, StoreError> {
        while self.read.len() < count {
            let piece = self.snapshot.next().await?;
            if piece.is_empty() {
                break;
            }
            self.read.extend(piece);
        }
        let count = count.min(self.read.len());
        Ok(self.read.drain(..count).collect())
    }

    /// The snapshot, for its progress.
    pub(super) fn snapshot(&self) -> &dyn Snapshot {
        &*self.snapshot
    }
}
