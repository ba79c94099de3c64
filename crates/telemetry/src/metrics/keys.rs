//! Signing keys.

use super::error::MetricsError;
use super::pulled::{PulledCollector, Samples};
use super::registry::Registry;

/// The keys of Roster's key ring, and the outcomes of reloads.
#[derive(Debug, Clone)]
pub struct KeyRingState {
    /// The number of keys in each state.
    pub keys: Vec<(&'static str, u64)>,
    /// Successful reloads.
    pub reloads: u64,
    /// Failed reloads.
    pub failures: u64,
    /// Whether the last reload failed, so that older keys are in use.
    pub failed: bool,
}

impl Registry {
    /// Registers `roster_signing_keys` by state, `roster_signing_key_reloads_total` by outcome and
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
            .gauge("roster_signing_keys", "Keys in Roster's key ring, by state.", |state: &KeyRingState| {
                Samples::By("state", state.keys.clone())
            })?
            .counter("roster_signing_key_reloads_total", "Reloads of changed keys, by outcome.", |state| {
                Samples::By("outcome", vec![("success", state.reloads), ("failure", state.failures)])
            })?
            .gauge(
                "roster_signing_key_reload_failed",
                "1 if the changed keys could not be loaded and older ones are in use.",
                |state| Samples::One(state.failed.into()),
            )?;
        self.register(keys)
    }
}
