//! The registry, with general metrics.

use prometheus::core::Collector;
use prometheus::process_collector::ProcessCollector;
use prometheus::{IntGauge, Opts, TextEncoder};

use super::error::MetricsError;
use super::pulled::{PulledCollector, Samples};
use crate::logs::DroppedLines;

/// The media type of [`Registry::encode`].
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All metrics. A new registry has those of the process (CPU, memory, threads, open files, start time) and
/// `roster_build_info`.
///
/// Values are read on the thread that serves the scrape, so reading must not block: load atomics, do not wait for locks.
pub struct Registry(prometheus::Registry);

impl Registry {
    /// A registry for a program of this version.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if the process cannot be inspected.
    pub fn new(version: &str) -> Result<Self, MetricsError> {
        let registry = Self(prometheus::Registry::new());
        registry.register(ProcessCollector::for_self())?;
        let build = Opts::new("roster_build_info", "Always 1; the labels describe the running build.");
        let build = IntGauge::with_opts(build.const_label("version", version))?;
        build.set(1);
        registry.register(build)?;
        Ok(registry)
    }

    /// Registers `read` as a counter. `name` ends in `_total`.
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

    /// Registers `read` as a gauge.
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

    /// Registers `roster_log_lines_dropped_total`.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if the name is taken.
    pub fn log(&self, dropped: DroppedLines) -> Result<(), MetricsError> {
        let help = "Log lines lost because the reader was too slow or gone.";
        self.counter("roster_log_lines_dropped_total", help, move || dropped.count())
    }

    /// The current values of all metrics in the Prometheus text format.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if a metric cannot be encoded, which does not happen for metrics registered here.
    pub fn encode(&self) -> Result<String, MetricsError> {
        Ok(TextEncoder::new().encode_to_string(&self.0.gather())?)
    }

    pub(super) fn register(&self, collector: impl Collector + 'static) -> Result<(), MetricsError> {
        Ok(self.0.register(Box::new(collector))?)
    }
}
