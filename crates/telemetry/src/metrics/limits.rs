//! Rate limits.

use super::error::MetricsError;
use super::pulled::{PulledCollector, Samples};
use super::registry::Registry;

/// The limits now and since the start.
#[derive(Debug, Clone)]
pub struct LimitState {
    /// Rejected requests, by limit.
    pub rejected: Vec<(&'static str, u64)>,
    /// The number of entries in memory.
    pub entries: u64,
}

impl Registry {
    /// Registers `roster_limited_requests_total` by scope and `roster_limit_entries`, read at each scrape.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if a name is taken.
    pub fn limits(&self, read: impl Fn() -> LimitState + Send + Sync + 'static) -> Result<(), MetricsError> {
        let limits = PulledCollector::new(read)
            .counter(
                "roster_limited_requests_total",
                "Requests rejected with 429, by the limit that was reached.",
                |state: &LimitState| Samples::By("scope", state.rejected.clone()),
            )?
            .gauge(
                "roster_limit_entries",
                "Clients, login names, pairs and users in the memory of the limits.",
                |state| Samples::One(state.entries),
            )?;
        self.register(limits)
    }
}
