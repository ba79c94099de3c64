#![doc = include_str!("../README.md")]

mod changes;
mod commit;
mod connection;
mod database;
mod error;
mod inspection;
mod listing;
mod metrics;
mod migrations;
mod parameter;
mod port;
mod replicas;
mod restore;
mod rows;
mod search;
mod settings;
mod shared_counts;
mod sharing;
mod signing_keys;
mod snapshot;
mod sql;
mod store;
mod sweeper;
mod totals;
mod transaction;

pub use connection::{DatabaseUrl, Pooler, TlsError, UrlError};
pub use error::OpenError;
pub use inspection::{Inspection, inspect};
pub use metrics::PostgresStoreMetrics;
pub use migrations::{migrate, schema_status};
pub use restore::PostgresRestore;
pub use settings::{PostgresStoreSettings, Timeouts};
pub use shared_counts::PostgresCounts;
pub use signing_keys::PostgresKeys;
pub use store::PostgresStore;
pub use totals::PostgresStoreTotals;
