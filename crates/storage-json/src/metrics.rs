//! Counters that can be read at any time.

use std::sync::atomic::{AtomicU64, Ordering};

/// What the store has done since it was opened. All values only increase, except `journal_bytes` and
/// `snapshot_bytes`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JsonStoreMetrics {
    /// Committed units.
    pub commits: u64,
    /// Units rejected by a guard.
    pub conflicts: u64,
    /// Units that failed for another reason, such as a full disk or a failed sync.
    pub failures: u64,
    /// Syncs of the journal, one per group of units.
    pub syncs: u64,
    /// Bytes written to the journal.
    pub bytes_written: u64,
    /// The current size of the journal in bytes.
    pub journal_bytes: u64,
    /// Snapshots written.
    pub snapshots: u64,
    /// Snapshots that failed; each is retried.
    pub snapshot_failures: u64,
    /// The current size of the users file in bytes.
    pub snapshot_bytes: u64,
}

/// The same counters while they are counted.
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

/// A number that one thread changes and others read. There is no ordering between counters.
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
