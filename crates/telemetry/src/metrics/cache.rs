//! The read cache.

use super::error::MetricsError;
use super::pulled::{PulledCollector, Samples};
use super::registry::Registry;

/// The state of the read cache; counters start when it is created. Each list has a value for each kind of entry.
#[derive(Debug, Clone, Default)]
pub struct CacheState {
    /// Reads that the cache answered.
    pub hits: Vec<(&'static str, u64)>,
    /// Reads that the store answered.
    pub misses: Vec<(&'static str, u64)>,
    /// Entries.
    pub entries: Vec<(&'static str, u64)>,
    /// The estimated size of the entries in bytes.
    pub bytes: Vec<(&'static str, u64)>,
    /// Changes, made here or by another server.
    pub invalidations: u64,
    /// How often everything was removed.
    pub clears: u64,
    /// Whether changes by other servers are heard; `None` if there are no other servers.
    pub is_listening: Option<bool>,
}

impl Registry {
    /// Registers, each as `roster_cache_…`: `hits_total`, `misses_total`, `entries` and `bytes`, each with a label `kind`,
    /// `invalidations_total`, `clears_total` and, with other servers, `listener_up`, read at each scrape.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if a name is taken.
    pub fn cache(&self, read: impl Fn() -> CacheState + Send + Sync + 'static) -> Result<(), MetricsError> {
        let has_others = read().is_listening.is_some();
        let hits = "Reads of users, sessions and service accounts that the cache answered.";
        let misses = "Reads of users, sessions and service accounts that the store answered.";
        let bytes = "Estimated size of the entries of the read cache.";
        let invalidations = "Changes of users, sessions and service accounts, here or by another server.";
        let clears = "How often the read cache was emptied, for example because a connection was lost.";
        let cache = PulledCollector::new(read)
            .counter("roster_cache_hits_total", hits, |state: &CacheState| by_kind(&state.hits))?
            .counter("roster_cache_misses_total", misses, |state| by_kind(&state.misses))?
            .gauge("roster_cache_entries", "Entries of the read cache.", |state| by_kind(&state.entries))?
            .gauge("roster_cache_bytes", bytes, |state| by_kind(&state.bytes))?
            .counter("roster_cache_invalidations_total", invalidations, |state| {
                Samples::One(state.invalidations)
            })?
            .counter("roster_cache_clears_total", clears, |state| Samples::One(state.clears))?;
        let listener = "1 while changes by other servers are heard.";
        let cache = if has_others {
            cache.gauge("roster_cache_listener_up", listener, |state| {
                Samples::One(u64::from(state.is_listening == Some(true)))
            })?
        } else {
            cache
        };
        self.register(cache)
    }
}

/// A sample for each kind of entry.
fn by_kind(values: &[(&'static str, u64)]) -> Samples {
    Samples::By("kind", values.to_vec())
}
