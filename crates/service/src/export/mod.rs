//! Exports users.

mod authority;
mod error;
mod format;
mod left_out;
mod pages;
mod peers;
mod records;
mod remote;
mod table;
mod writer;

use crate::{Call, Roster};
use async_trait::async_trait;
use authority::may_export;
use roster_domain::UserFilter;
use std::io;

pub use error::ExportError;
pub use format::ExportFormat;
pub use left_out::LeftOut;
pub use pages::{ExportPages, ExportSummary};
pub use records::ExportHashes;
pub use remote::RemoteExport;

/// Receives an export, a page at a time.
#[async_trait]
pub trait ExportSink: Send {
    /// Writes the next page. The export waits until it is written.
    ///
    /// # Errors
    /// If the page cannot be written. The export ends with this error.
    async fn write(&mut self, bytes: Vec<u8>) -> io::Result<()>;
}

#[async_trait]
impl ExportSink for Vec<u8> {
    async fn write(&mut self, mut bytes: Vec<u8>) -> io::Result<()> {
        self.append(&mut bytes);
        Ok(())
    }
}

impl Roster {
    /// Writes all users in the order of their creation, a page at a time. A user who is created or deleted during the
    /// export may be missing; every other user is exported once.
    ///
    /// The caller needs `users:export`; with hashes also `users:export-hashes`.
    ///
    /// # Errors
    /// [`ExportError`]. The export is then incomplete.
    pub async fn export_users(
        &self,
        call: &Call,
        format: ExportFormat,
        hashes: ExportHashes,
        sink: &mut dyn ExportSink,
    ) -> Result<ExportSummary, ExportError> {
        may_export(call, hashes)?;
        let mut pages = ExportPages::new(self, UserFilter::default(), format, hashes);
        while let Some(bytes) = pages.next().await? {
            sink.write(bytes).await?;
        }
        Ok(pages.summary())
    }
}
