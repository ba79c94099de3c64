//! Limits on the statements of a connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

use rusqlite::Connection;

/// The number of steps between two looks at the limits.
const STEPS: u32 = 1_000;

/// Ends statements of a connection that take too many steps or too long.
#[derive(Clone)]
pub(crate) struct ReadLimit(Arc<Limits>);

struct Limits {
    /// How many looks are left.
    looks: AtomicU32,
    /// The end, in microseconds after the beginning.
    deadline: AtomicU64,
    began: Instant,
}

/// No limit of steps, because the count stays above zero.
const UNLIMITED: u32 = u32::MAX;
/// No limit of time, because the end is never reached.
const NEVER: u64 = u64::MAX;

impl ReadLimit {
    /// Limits that are not set.
    pub(crate) fn install(connection: &mut Connection) -> rusqlite::Result<Self> {
        let (looks, deadline) = (AtomicU32::new(UNLIMITED), AtomicU64::new(NEVER));
        let limits = Arc::new(Limits { looks, deadline, began: Instant::now() });
        let limit = Self(Arc::clone(&limits));
        connection.progress_handler(STEPS.cast_signed(), Some(move || limits.look()))?;
        Ok(limit)
    }

    /// Limits the statements that follow to this many steps.
    pub(crate) fn set_steps(&self, steps: Option<u32>) {
        self.0.looks.store(steps.map_or(UNLIMITED, |steps| steps / STEPS), Ordering::Relaxed);
    }

    /// Ends the statements that follow at this time.
    pub(crate) fn set_deadline(&self, deadline: Option<Instant>) {
        self.0.deadline.store(deadline.map_or(NEVER, |deadline| self.0.micros(deadline)), Ordering::Relaxed);
    }
}

impl Limits {
    /// Whether a limit is reached. A prepared statement counts its steps on from its last run, so the first look may
    /// come early, and one look says little.
    fn look(&self) -> bool {
        let deadline = self.deadline.load(Ordering::Relaxed);
        if deadline != NEVER && self.micros(Instant::now()) >= deadline {
            return true;
        }
        match self.looks.load(Ordering::Relaxed) {
            UNLIMITED => false,
            0 => true,
            looks => {
                self.looks.store(looks - 1, Ordering::Relaxed);
                false
            }
        }
    }

    fn micros(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.began).as_micros()).unwrap_or(NEVER)
    }
}
