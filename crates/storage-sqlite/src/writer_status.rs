//! Whether the writer can be relied on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use thiserror::Error;

/// A group that takes longer keeps the store from being ready.
const PATIENCE: Duration = Duration::from_secs(2);

/// The writer is busy with one group for too long.
#[derive(Debug, Error)]
#[error("a commit takes longer than {} s: the disk is slow, or another program holds the database", PATIENCE.as_secs())]
pub(crate) struct Stalled;

/// Whether the last group could not be written, or none was written yet, and since when the writer is busy.
#[derive(Debug)]
pub(crate) struct WriterStatus {
    is_in_doubt: AtomicBool,
    /// When the present group began.
    busy_since: Mutex<Option<Instant>>,
}

impl WriterStatus {
    /// Before the first group.
    pub(crate) const fn new() -> Self {
        Self { is_in_doubt: AtomicBool::new(true), busy_since: Mutex::new(None) }
    }

    pub(crate) fn set_failing(&self, is_failing: bool) {
        self.is_in_doubt.store(is_failing, Ordering::Relaxed);
    }

    /// Whether a write has to be tried to find out if it would succeed.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.is_in_doubt.load(Ordering::Relaxed)
    }

    pub(crate) fn begin_group(&self) {
        *self.busy_since.lock() = Some(Instant::now());
    }

    pub(crate) fn end_group(&self) {
        *self.busy_since.lock() = None;
    }

    /// # Errors
    /// [`Stalled`], while the writer is busy with one group for too long.
    pub(crate) fn require_progress(&self) -> Result<(), Stalled> {
        let since = *self.busy_since.lock();
        since.map_or(Ok(()), |since| if since.elapsed() < PATIENCE { Ok(()) } else { Err(Stalled) })
    }
}
