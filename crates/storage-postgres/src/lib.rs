#![doc = include_str!("../README.md")]

mod changes;
mod commit;
mod connection;
mod database;
mod error;
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
mod sharing;
mod snapshot;
mod sql;
mod store;
mod totals;
mod transaction;

pub use connection::{DatabaseUrl, TlsError, UrlError};
pub use error::OpenError;
pub use metrics::PostgresStoreMetrics;
pub use migrations::{migrate, schema_status};
pub use restore::PostgresRestore;
pub use settings::{PostgresStoreSettings, Timeouts};
pub use store::PostgresStore;
pub use totals::PostgresStoreTotals;
