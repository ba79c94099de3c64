//! The keys of access tokens.

use super::error::MetricsError;
use super::pulled::{PulledCollector, Samples};
use super::registry::Registry;

/// The keys that Roster keeps, and what came of their changes.
#[derive(Debug, Clone)]
pub struct KeyRingState {
    /// How many there are in each state.
    pub keys: Vec<(&'static str, u64)>,
    /// Changes that were taken up.
    pub reloads: u64,
    /// Changes that could not be.
    pub failures: u64,
    /// Whether the last one could not be, so that older keys are in use.
    pub failed: bool,
}

impl Registry {
    /// Shows `roster_signing_keys` by state, `roster_signing_key_reloads_total` by outcome and
    /// `roster_signing_key_reload_failed`, read at each scrape.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if a name is taken.
    pub fn signing_keys(
        &self,
        read: impl Fn() -> KeyRingState + Send + Sync + 'static,
    ) -> Result<(), MetricsError> {
        let keys = PulledCollector::new(read)
            .gauge("roster_signing_keys", "Keys that Roster keeps, by state.", |state: &KeyRingState| {
                Samples::By("state", state.keys.clone())
            })?
            .counter(
                "roster_signing_key_reloads_total",
                "Changes of the keys under the running server, by outcome.",
                |state| Samples::By("outcome", vec![("success", state.reloads), ("failure", state.failures)]),
            )?
            .gauge(
                "roster_signing_key_reload_failed",
                "1 if the changed keys could not be taken up and older ones are in use.",
                |state| Samples::One(state.failed.into()),
            )?;
        self.register(keys)
    }
}
