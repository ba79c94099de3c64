//! Whether the writer can be relied on.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the last group could not be written, or none was written yet.
#[derive(Debug)]
pub(crate) struct WriterStatus {
    is_in_doubt: AtomicBool,
}

impl WriterStatus {
    /// Before the first group.
    pub(crate) const fn new() -> Self {
        Self { is_in_doubt: AtomicBool::new(true) }
    }

    pub(crate) fn set_failing(&self, is_failing: bool) {
        self.is_in_doubt.store(is_failing, Ordering::Relaxed);
    }

    /// Whether a write has to be tried to find out if it would succeed.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.is_in_doubt.load(Ordering::Relaxed)
    }
}
