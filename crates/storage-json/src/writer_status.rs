//! The status of the writer, for the projector and the health check.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The status of the writer.
#[derive(Debug)]
pub(crate) struct WriterStatus {
    /// When the store was opened: the zero of `last_commit`.
    opened: Instant,
    /// Milliseconds since `opened`.
    last_commit: AtomicU64,
    /// Whether the journal has units that no snapshot includes.
    is_behind: AtomicBool,
    /// Whether the last group could not be written, or none was written yet.
    is_in_doubt: AtomicBool,
}

impl WriterStatus {
    pub(crate) fn new(is_behind: bool) -> Self {
        Self {
            opened: Instant::now(),
            last_commit: AtomicU64::new(0),
            is_behind: AtomicBool::new(is_behind),
            is_in_doubt: AtomicBool::new(true),
        }
    }

    /// The journal has grown.
    pub(crate) fn record_commit(&self) {
        let now = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_commit.store(now, Ordering::Relaxed);
        self.is_behind.store(true, Ordering::Release);
    }

    pub(crate) fn idle_for(&self) -> Duration {
        let last = Duration::from_millis(self.last_commit.load(Ordering::Relaxed));
        self.opened.elapsed().saturating_sub(last)
    }

    pub(crate) fn is_behind(&self) -> bool {
        self.is_behind.load(Ordering::Acquire)
    }

    /// Call this before a snapshot starts, so that units committed meanwhile count as new.
    pub(crate) fn set_behind(&self, is_behind: bool) {
        self.is_behind.store(is_behind, Ordering::Release);
    }

    /// Whether a write has to be tried to find out if it would succeed.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.is_in_doubt.load(Ordering::Relaxed)
    }

    pub(crate) fn set_failing(&self, is_failing: bool) {
        self.is_in_doubt.store(is_failing, Ordering::Relaxed);
    }
}
