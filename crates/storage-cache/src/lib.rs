#![doc = include_str!("../README.md")]

mod cache;
mod clock;
mod committing;
mod entries;
mod metrics;
mod settings;
mod size;
mod store;

pub use cache::ReadCache;
pub use clock::{MonotonicClock, SystemMonotonicClock};
pub use metrics::{CacheMetrics, KindMetrics};
pub use settings::CacheSettings;
pub use store::CachedStore;
