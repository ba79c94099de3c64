//! Counters that a monitor may read at any time.

use std::sync::atomic::{AtomicU64, Ordering};

/// What the store has done since it was opened. Every figure only grows, but for `journal_bytes` and
/// `snapshot_bytes`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JsonStoreMetrics {
    /// Units that were committed.
    pub commits: u64,
    /// Units that were refused because a guard did not hold.
    pub conflicts: u64,
    /// Units that failed for another reason: a full disk, a failed sync.
    pub failures: u64,
    /// Syncs of the journal: one for each group of units.
    pub syncs: u64,
    /// Bytes of units written to the journal.
    pub bytes_written: u64,
    /// Bytes of the journal now.
    pub journal_bytes: u64,
    /// Snapshots written.
    pub snapshots: u64,
    /// Snapshots that failed; each is tried again.
    pub snapshot_failures: u64,
    /// Bytes of the users file now.
    pub snapshot_bytes: u64,
}

/// The same, while it is counted.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) commits: Counter,
    pub(crate) conflicts: Counter,
    pub(crate) failures: Counter,
    pub(crate) syncs: Counter,
    pub(crate) bytes_written: Counter,
    pub(crate) journal_bytes: Counter,
    pub(crate) snapshots: Counter,
    pub(crate) snapshot_failures: Counter,
    pub(crate) snapshot_bytes: Counter,
}

/// A number that one thread changes and others read. No order between counters is promised.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, by: u64) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }

    pub(crate) fn set(&self, to: u64) {
        self.0.store(to, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub(crate) fn read(&self) -> JsonStoreMetrics {
        JsonStoreMetrics {
            commits: self.commits.get(),
            conflicts: self.conflicts.get(),
            failures: self.failures.get(),
            syncs: self.syncs.get(),
            bytes_written: self.bytes_written.get(),
            journal_bytes: self.journal_bytes.get(),
            snapshots: self.snapshots.get(),
            snapshot_failures: self.snapshot_failures.get(),
            snapshot_bytes: self.snapshot_bytes.get(),
        }
    }
}
