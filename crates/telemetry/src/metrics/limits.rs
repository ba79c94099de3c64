//! What the limits have refused.

use super::error::MetricsError;
use super::pulled::{PulledCollector, Samples};
use super::registry::Registry;

/// The limits now and since the start.
#[derive(Debug, Clone)]
pub struct LimitState {
    /// Requests refused, for each limit there is.
    pub refused: Vec<(&'static str, u64)>,
    /// How much is on record.
    pub entries: u64,
}

impl Registry {
    /// Shows `roster_limited_requests_total` by scope and `roster_limit_entries`, read at each scrape.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if a name is taken.
    pub fn limits(&self, read: impl Fn() -> LimitState + Send + Sync + 'static) -> Result<(), MetricsError> {
        let limits = PulledCollector::new(read)
            .counter(
                "roster_limited_requests_total",
                "Requests answered 429, by the limit that was reached.",
                |state: &LimitState| Samples::By("scope", state.refused.clone()),
            )?
            .gauge(
                "roster_limit_entries",
                "Clients, names, pairs and people that the limits keep.",
                |state| Samples::One(state.entries),
            )?;
        self.register(limits)
    }
}
