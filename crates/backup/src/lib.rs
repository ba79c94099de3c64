#![doc = include_str!("../README.md")]

mod bounds;
mod encoder;
mod error;
mod keys;
mod line;
mod lines;
mod present;
mod reader;
mod reconciliation;
mod writer;

pub use error::{BackupError, WriteError};
pub use keys::{PrivateKey, SigningKeys};
pub use line::{About, Contents, FORMAT_VERSION};
pub use present::Present;
pub use reader::{BackupItem, BackupReader, verify};
pub use reconciliation::{EraseAgain, Reconciled, Reconciliation, Survey};
pub use writer::{BackupSink, write_backup};
