#![doc = include_str!("../README.md")]

mod bounds;
mod current_store;
mod encoder;
mod error;
mod keys;
mod line;
mod lines;
mod reader;
mod reconciliation;
mod writer;

pub use current_store::CurrentStore;
pub use error::{BackupError, WriteError};
pub use keys::{PrivateKey, SigningKeys};
pub use line::{BackupDetails, Contents, FORMAT_VERSION};
pub use reader::{BackupItem, BackupReader, verify};
pub use reconciliation::{EraseAgain, Reconciled, Reconciliation, Survey};
pub use writer::{BackupSink, write_backup};
