//! Counters that can be read at any time.

use std::sync::atomic::{AtomicU64, Ordering};

/// The size of a page, as SQLite chooses it.
const PAGE: u64 = 4_096;

/// What the store has done since it was opened. All values only increase, except `log_bytes`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SqliteStoreMetrics {
    /// Committed units.
    pub commits: u64,
    /// Units rejected by a guard.
    pub conflicts: u64,
    /// Units that failed for another reason, such as a full disk.
    pub failures: u64,
    /// Transactions, one per group of units.
    pub groups: u64,
    /// Bytes written to the log.
    pub bytes_written: u64,
    /// The size of the log after the last commit.
    pub log_bytes: u64,
    /// Runs of the checkpoint thread.
    pub checkpoints: u64,
    /// Runs of the checkpoint thread that failed; each is retried after later commits.
    pub checkpoint_failures: u64,
}

/// The same counters while they are counted.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) commits: Counter,
    pub(crate) conflicts: Counter,
    pub(crate) failures: Counter,
    pub(crate) groups: Counter,
    pub(crate) pages_written: Counter,
    pub(crate) log_pages: Counter,
    /// The pages at the beginning of the log that are in the database too.
    pub(crate) moved_pages: Counter,
    pub(crate) checkpoints: Counter,
    pub(crate) checkpoint_failures: Counter,
}

/// A number that one thread changes and others read. There is no ordering between counters.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, by: u64) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }

    /// Sets the number and returns the one before.
    pub(crate) fn replace(&self, to: u64) -> u64 {
        self.0.swap(to, Ordering::Relaxed)
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub(crate) fn read(&self) -> SqliteStoreMetrics {
        SqliteStoreMetrics {
            commits: self.commits.get(),
            conflicts: self.conflicts.get(),
            failures: self.failures.get(),
            groups: self.groups.get(),
            bytes_written: self.pages_written.get() * PAGE,
            log_bytes: self.log_pages.get() * PAGE,
            checkpoints: self.checkpoints.get(),
            checkpoint_failures: self.checkpoint_failures.get(),
        }
    }
}
