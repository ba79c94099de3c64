#![doc = include_str!("../README.md")]

mod audit;
mod changes;
mod checkpoint;
mod connection;
mod doctor;
mod error;
mod failure;
mod files;
mod found_rows;
mod group;
mod guards;
mod listing;
mod lock;
mod metrics;
mod migrations;
mod opening;
mod port;
mod read_limit;
mod reader;
mod readers;
mod restore;
mod rows;
mod schema;
mod service_accounts;
mod sessions;
mod settings;
mod signing_keys;
mod snapshot;
mod store;
mod tally;
#[cfg(test)]
mod tests;
mod upsert;
mod users;
mod writer;
mod writer_status;

pub use doctor::examine;
pub use error::{CloseError, OpenError};
pub use files::DatabaseFile;
pub use metrics::SqliteStoreMetrics;
pub use restore::SqliteRestore;
pub use schema::{migrate, schema_status};
pub use settings::SqliteStoreSettings;
pub use signing_keys::SqliteKeys;
pub use store::SqliteStore;
