//! A pool's counters.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// The current state of a pool, and its totals since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HashPoolStats {
    /// Waiting jobs.
    pub queued: usize,
    /// Running jobs.
    pub in_flight: usize,
    /// Finished jobs.
    pub finished: u64,
    /// Jobs that were rejected because the queue was full.
    pub rejected: u64,
    /// Jobs that were skipped because their tickets were dropped.
    pub skipped: u64,
}

/// Observes every job, for histograms. Called on the pool's threads, `rejected` on the caller's, so it must be fast.
pub trait HashObserver: Send + Sync {
    /// A job begins after this wait.
    fn waited(&self, wait: Duration);
    /// A job has ended after this time.
    fn ran(&self, took: Duration);
    /// A job was rejected.
    fn rejected(&self);
}

/// Ignores everything.
impl HashObserver for () {
    fn waited(&self, _wait: Duration) {}
    fn ran(&self, _took: Duration) {}
    fn rejected(&self) {}
}

#[derive(Default)]
pub(super) struct Counters {
    pub(super) in_flight: AtomicUsize,
    pub(super) finished: AtomicU64,
    pub(super) rejected: AtomicU64,
    pub(super) skipped: AtomicU64,
}

impl Counters {
    pub(super) fn read(&self, queued: usize) -> HashPoolStats {
        HashPoolStats {
            queued,
            in_flight: self.in_flight.load(Ordering::Relaxed),
            finished: self.finished.load(Ordering::Relaxed),
            rejected: self.rejected.load(Ordering::Relaxed),
            skipped: self.skipped.load(Ordering::Relaxed),
        }
    }
}
