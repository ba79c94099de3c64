//! The clock that the age of entries is measured with.

use std::time::Instant;

/// A clock that never goes back.
pub trait MonotonicClock: Send + Sync + 'static {
    /// The time.
    fn now(&self) -> Instant;
}

/// The monotonic clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemMonotonicClock;

impl MonotonicClock for SystemMonotonicClock {
    fn now(&self) -> Instant {
        Instant::now()
    }
}
