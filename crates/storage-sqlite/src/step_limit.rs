//! A limit on the work of a statement.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::Connection;

/// The number of steps between two looks at a limit.
const STEPS: u32 = 1_000;

/// Ends statements of a connection that take too many steps.
pub(crate) struct StepLimit(Arc<AtomicU32>);

/// No limit, because the count stays above zero.
const UNLIMITED: u32 = u32::MAX;

impl StepLimit {
    /// A limit that is not set.
    pub(crate) fn install(connection: &mut Connection) -> rusqlite::Result<Self> {
        let left = Arc::new(AtomicU32::new(UNLIMITED));
        let limit = Self(Arc::clone(&left));
        // A prepared statement counts on from its last run, so the first call may come early, and one call says little.
        let is_over = move || match left.load(Ordering::Relaxed) {
            UNLIMITED => false,
            0 => true,
            calls => {
                left.store(calls - 1, Ordering::Relaxed);
                false
            }
        };
        connection.progress_handler(STEPS.cast_signed(), Some(is_over))?;
        Ok(limit)
    }

    /// Limits the statements that follow to this many steps.
    pub(crate) fn set(&self, steps: Option<u32>) {
        self.0.store(steps.map_or(UNLIMITED, |steps| steps / STEPS), Ordering::Relaxed);
    }
}
