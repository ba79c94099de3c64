//! The pool that hashes passwords.

use super::{Durations, MetricsError, Reading, Registry};

/// Where the state of the pool is read.
pub struct HashPoolReadings {
    /// Jobs that wait for a thread.
    pub waiting: Reading,
    /// Jobs that hash.
    pub running: Reading,
    /// Jobs turned away since the start because the queue was full.
    pub refused: Reading,
}

impl HashPoolReadings {
    /// Registers `roster_hash_queue_depth`, `roster_hash_in_flight`, `roster_hash_refused_total` and
    /// `roster_hash_wait_seconds`, and returns the handle that feeds the last.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if a name is taken.
    pub fn register(self, registry: &Registry) -> Result<Durations, MetricsError> {
        registry.gauge("roster_hash_queue_depth", "Password hashes that wait for a thread.", self.waiting)?;
        registry.gauge("roster_hash_in_flight", "Password hashes being computed.", self.running)?;
        let refused = "Password hashes turned away because the queue was full.";
        registry.counter("roster_hash_refused_total", refused, self.refused)?;
        registry.durations("roster_hash_wait_seconds", "How long a password hash waited for a thread.")
    }
}
