//! The registry and what belongs to no other subject.

use prometheus::core::Collector;
use prometheus::process_collector::ProcessCollector;
use prometheus::{IntGauge, Opts, TextEncoder};

use super::error::MetricsError;
use super::pulled::{PulledCollector, Samples};
use crate::logs::DroppedLines;

/// The media type of what [`Registry::encode`] gives.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

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
        self.register(PulledCollector::new(read).counter(name, help, |value| Samples::One(*value))?)
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
        self.register(PulledCollector::new(read).gauge(name, help, |value| Samples::One(*value))?)
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

    /// The state of all metrics now, in Prometheus's text format.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if a metric cannot be written down, which none that was registered here is.
    pub fn encode(&self) -> Result<String, MetricsError> {
        Ok(TextEncoder::new().encode_to_string(&self.0.gather())?)
    }

    pub(super) fn register(&self, collector: impl Collector + 'static) -> Result<(), MetricsError> {
        Ok(self.0.register(Box::new(collector))?)
    }
}
