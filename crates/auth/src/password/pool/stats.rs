//! What a pool counts.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// The state of a pool at one moment, and what it has done since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HashPoolStats {
    /// Jobs that wait.
    pub queued: usize,
    /// Jobs that run.
    pub in_flight: usize,
    /// Jobs that ran to their end.
    pub finished: u64,
    /// Jobs that were not taken, because the queue was full.
    pub refused: u64,
    /// Jobs that nobody waited for any more when their turn came.
    pub skipped: u64,
}

/// Hears of every job, for histograms. Called on the pool's threads, `refused` on the caller's: be quick.
pub trait HashObserver: Send + Sync {
    /// A job begins after waiting for so long.
    fn waited(&self, wait: Duration);
    /// A job ended after running for so long.
    fn ran(&self, took: Duration);
    /// A job was not taken.
    fn refused(&self);
}

/// Hears nothing.
impl HashObserver for () {
    fn waited(&self, _wait: Duration) {}
    fn ran(&self, _took: Duration) {}
    fn refused(&self) {}
}

#[derive(Default)]
pub(super) struct Counters {
    pub(super) in_flight: AtomicUsize,
    pub(super) finished: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) skipped: AtomicU64,
}

impl Counters {
    pub(super) fn read(&self, queued: usize) -> HashPoolStats {
        HashPoolStats {
            queued,
            in_flight: self.in_flight.load(Ordering::Relaxed),
            finished: self.finished.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            skipped: self.skipped.load(Ordering::Relaxed),
        }
    }
}
