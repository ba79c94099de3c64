#![doc = include_str!("../README.md")]

mod audit_log;
mod command;
mod committer;
mod copy;
mod data_folder;
mod disk;
mod doctor;
mod draft;
mod error;
mod indexer;
mod intake;
mod journal;
mod metrics;
mod newer;
mod opening;
mod policy;
mod port;
mod projection;
mod projector;
mod recovery;
mod reply_batch;
mod restore;
mod settings;
mod snapshot;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod upgrade;
mod users_file;
mod writer;
mod writer_status;

pub use audit_log::AuditLog;
pub use copy::JsonCopy;
pub use doctor::examine;
pub use error::{CloseError, OpenError};
pub use metrics::JsonStoreMetrics;
pub use restore::JsonRestore;
pub use settings::{AuditRotation, JsonStoreSettings};
pub use store::JsonStore;
pub use users_file::UsersFile;
