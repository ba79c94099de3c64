//! Metrics, as Prometheus scrapes them.

mod accounts;
mod hash_pool;
mod http;
mod keys;
mod limits;
mod pulled;
mod store;
#[cfg(test)]
mod tests;

use std::time::Duration;

use prometheus::core::Collector;
use prometheus::process_collector::ProcessCollector;
use prometheus::{Histogram, HistogramOpts, IntGauge, Opts, TextEncoder};

use crate::logs::DroppedLines;

pub use accounts::AccountState;
pub use hash_pool::{HashPoolState, HashTimes};
pub use http::HttpMetrics;
pub use keys::KeyRingState;
pub use limits::LimitState;
use pulled::{Pulled, Samples};
pub use store::StoreState;

/// The media type of what [`Registry::encode`] gives.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Why a metric could not be registered or shown: a name that is malformed or taken.
#[derive(Debug, thiserror::Error)]
#[error("metrics: {0}")]
pub struct MetricsError(#[from] prometheus::Error);

/// Everything that a scrape shows. It begins with the process (CPU, memory, threads, open files, start) and
/// `roster_build_info`.
///
/// What is read at each scrape is read on the thread that serves it: atomics to load, not a lock to wait for.
pub struct Registry(prometheus::Registry);

impl Registry {
    /// A registry for a program of this version.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if the process cannot be looked at.
    pub fn new(version: &str) -> Result<Self, MetricsError> {
        let registry = Self(prometheus::Registry::new());
        registry.register(ProcessCollector::for_self())?;
        let build = Opts::new("roster_build_info", "Always 1; what is running is in the labels.");
        let build = IntGauge::with_opts(build.const_label("version", version))?;
        build.set(1);
        registry.register(build)?;
        Ok(registry)
    }

    /// Shows `read` as a value that only grows. `name` ends in `_total`.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if the name is malformed or taken.
    pub fn counter(
        &self,
        name: &str,
        help: &str,
        read: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Result<(), MetricsError> {
        self.register(Pulled::new(read).counter(name, help, |value| Samples::One(*value))?)
    }

    /// Shows `read` as a value that goes up and down.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if the name is malformed or taken.
    pub fn gauge(
        &self,
        name: &str,
        help: &str,
        read: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Result<(), MetricsError> {
        self.register(Pulled::new(read).gauge(name, help, |value| Samples::One(*value))?)
    }

    /// Shows `roster_log_lines_dropped_total`.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if the name is taken.
    pub fn log(&self, dropped: DroppedLines) -> Result<(), MetricsError> {
        let help = "Log lines lost because their reader was too slow or gone.";
        self.counter("roster_log_lines_dropped_total", help, move || dropped.count())
    }

    /// A histogram of durations, to be fed through the handle. `name` ends in `_seconds`.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if the name is malformed or taken.
    pub fn durations(&self, name: &str, help: &str) -> Result<Durations, MetricsError> {
        let histogram = Histogram::with_opts(HistogramOpts::new(name, help).buckets(BUCKETS.to_vec()))?;
        self.register(histogram.clone())?;
        Ok(Durations(histogram))
    }

    /// The state of all metrics now, in Prometheus's text format.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if a metric cannot be written down, which none that was registered here is.
    pub fn encode(&self) -> Result<String, MetricsError> {
        Ok(TextEncoder::new().encode_to_string(&self.0.gather())?)
    }

    fn register(&self, collector: impl Collector + 'static) -> Result<(), MetricsError> {
        Ok(self.0.register(Box::new(collector))?)
    }
}

/// Bounds of the histograms, in seconds: from a cached read (0.1 ms) to a login that waits in a full queue.
const BUCKETS: [f64; 15] =
    [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Feeds one histogram of durations. Cheap to clone and to feed (about 20 ns).
#[derive(Clone, Debug)]
pub struct Durations(Histogram);

impl Durations {
    /// Counts one.
    pub fn observe(&self, duration: Duration) {
        self.0.observe(duration.as_secs_f64());
    }
}
