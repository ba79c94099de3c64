//! Metrics, as Prometheus scrapes them.

mod accounts;
mod cache;
mod durations;
mod error;
mod hash_pool;
mod http;
mod keys;
mod limits;
mod pulled;
mod registry;
mod store;
#[cfg(test)]
mod tests;

pub use accounts::AccountState;
pub use cache::CacheState;
pub use durations::Durations;
pub use error::MetricsError;
pub use hash_pool::{HashPoolState, HashTimes};
pub use http::HttpMetrics;
pub use keys::KeyRingState;
pub use limits::LimitState;
pub use registry::{CONTENT_TYPE, Registry};
pub use store::StoreState;
