//! The pool that hashes passwords.

use super::durations::Durations;
use super::error::MetricsError;
use super::pulled::{PulledCollector, Samples};
use super::registry::Registry;

/// The state of the pool; counts are since the start.
#[derive(Debug, Clone, Copy)]
pub struct HashPoolState {
    /// Jobs that wait for a thread.
    pub waiting: u64,
    /// Jobs that run.
    pub running: u64,
    /// Jobs turned away because the queue was full.
    pub refused: u64,
    /// Jobs that nobody waited for any more when their turn came.
    pub skipped: u64,
}

/// Takes the times of the pool's jobs.
#[derive(Clone, Debug)]
pub struct HashTimes {
    /// From being queued to a thread.
    pub wait: Durations,
    /// The hashing itself.
    pub run: Durations,
}

impl Registry {
    /// Shows `roster_hash_wait_seconds` and `roster_hash_run_seconds`, and returns what feeds them. It needs no
    /// pool yet: a pool is built with its observer.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if a name is taken.
    pub fn hash_times(&self) -> Result<HashTimes, MetricsError> {
        let wait = "How long a password hash waited for a thread.";
        let wait = self.durations("roster_hash_wait_seconds", wait)?;
        let run = self.durations("roster_hash_run_seconds", "How long a password hash took.")?;
        Ok(HashTimes { wait, run })
    }

    /// Shows `roster_hash_queue_depth`, `roster_hash_in_flight`, `roster_hash_refused_total` and
    /// `roster_hash_skipped_total`, read at each scrape.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if a name is taken.
    pub fn hash_pool(
        &self,
        read: impl Fn() -> HashPoolState + Send + Sync + 'static,
    ) -> Result<(), MetricsError> {
        let refused = "Password hashes turned away because the queue was full.";
        let skipped = "Password hashes given up because nobody waited for them any more.";
        let pool = PulledCollector::new(read)
            .gauge(
                "roster_hash_queue_depth",
                "Password hashes that wait for a thread.",
                |state: &HashPoolState| Samples::One(state.waiting),
            )?
            .gauge("roster_hash_in_flight", "Password hashes being computed.", |state| {
                Samples::One(state.running)
            })?
            .counter("roster_hash_refused_total", refused, |state| Samples::One(state.refused))?
            .counter("roster_hash_skipped_total", skipped, |state| Samples::One(state.skipped))?;
        self.register(pool)
    }
}
