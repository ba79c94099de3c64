//! The read cache in front of an engine.

use std::sync::Arc;

use roster_config::Storage;
use roster_storage_cache::{CacheMetrics, CacheSettings, ReadCache};
use roster_telemetry::metrics::CacheState;

/// An empty cache with these settings.
pub(super) fn read_cache(settings: &CacheSettings) -> Arc<ReadCache> {
    Arc::new(ReadCache::new(settings.clone()))
}

/// The settings of the cache.
pub(super) fn cache_settings(storage: &Storage) -> CacheSettings {
    CacheSettings { ttl: storage.cache_ttl, bytes: storage.cache_bytes, ..CacheSettings::default() }
}

/// The state that the metrics show.
pub(super) fn cache_state(metrics: &CacheMetrics, is_listening: Option<bool>) -> CacheState {
    let kinds = [
        ("user", metrics.users),
        ("session", metrics.sessions),
        ("service_account", metrics.service_accounts),
    ];
    CacheState {
        hits: kinds.map(|(kind, metrics)| (kind, metrics.hits)).into(),
        misses: kinds.map(|(kind, metrics)| (kind, metrics.misses)).into(),
        entries: kinds.map(|(kind, metrics)| (kind, metrics.entries)).into(),
        bytes: kinds.map(|(kind, metrics)| (kind, metrics.bytes)).into(),
        invalidations: metrics.invalidations,
        clears: metrics.clears,
        is_listening,
    }
}
