//! Settings of the cache.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::{MonotonicClock, SystemMonotonicClock};

/// Settings of the cache.
#[derive(Clone)]
pub struct CacheSettings {
    /// For how long an entry may be used, from the beginning of the read that it came from. Zero keeps nothing.
    pub ttl: Duration,
    /// The most memory that all entries together take, in bytes, about.
    pub bytes: u64,
    /// The clock that the age of entries is measured with.
    pub clock: Arc<dyn MonotonicClock>,
}

impl Default for CacheSettings {
    /// 5 s and 32 MiB.
    fn default() -> Self {
        Self { ttl: Duration::from_secs(5), bytes: 32 << 20, clock: Arc::new(SystemMonotonicClock) }
    }
}
