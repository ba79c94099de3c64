//! The password hash pool.

use super::durations::Durations;
use super::error::MetricsError;
use super::pulled::{PulledCollector, Samples};
use super::registry::Registry;

/// The state of the pool; counts are since the start.
#[derive(Debug, Clone, Copy)]
pub struct HashPoolState {
    /// Jobs waiting for a thread.
    pub waiting: u64,
    /// Running jobs.
    pub running: u64,
    /// Jobs rejected because the queue was full.
    pub rejected: u64,
    /// Jobs skipped because their caller was gone.
    pub skipped: u64,
}

/// Histograms of the pool's job times.
#[derive(Clone, Debug)]
pub struct HashTimes {
    /// The time in the queue.
    pub wait: Durations,
    /// The time of hashing.
    pub run: Durations,
}

impl Registry {
    /// Registers `roster_hash_wait_seconds` and `roster_hash_run_seconds` and returns their handles. Call it before
    /// creating the pool, which needs its observer.
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

    /// Registers `roster_hash_queue_depth`, `roster_hash_in_flight`, `roster_hash_refused_total` and
    /// `roster_hash_skipped_total`, read at each scrape.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if a name is taken.
    pub fn hash_pool(
        &self,
        read: impl Fn() -> HashPoolState + Send + Sync + 'static,
    ) -> Result<(), MetricsError> {
        let rejected = "Password hashes rejected because the queue was full.";
        let skipped = "Password hashes skipped because their caller was gone.";
        let pool = PulledCollector::new(read)
            .gauge(
                "roster_hash_queue_depth",
                "Password hashes waiting for a thread.",
                |state: &HashPoolState| Samples::One(state.waiting),
            )?
            .gauge("roster_hash_in_flight", "Password hashes being computed.", |state| {
                Samples::One(state.running)
            })?
            .counter("roster_hash_refused_total", rejected, |state| Samples::One(state.rejected))?
            .counter("roster_hash_skipped_total", skipped, |state| Samples::One(state.skipped))?;
        self.register(pool)
    }
}
