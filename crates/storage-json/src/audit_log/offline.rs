//! The audit log without the store.

use std::fmt;
use std::io;
use std::path::Path;

use roster_domain::{AuditPage, AuditQuery};

use super::page::page;
use crate::disk::{Directory, RealDirectory};
use crate::journal;
use crate::opening::folder_of;
use crate::state::AuditTail;

/// The audit files of a data folder, read without opening the store and without its lock. While another process has
/// the store open, they contain the log up to its last snapshot.
pub struct AuditLog {
    directory: RealDirectory,
}

impl AuditLog {
    /// The log beside this users file. It does not open anything yet.
    #[must_use]
    pub fn beside(users_file: &Path) -> Self {
        Self { directory: RealDirectory(folder_of(users_file).to_owned()) }
    }

    /// One page, as [`Store::audit_records`](roster_storage::Store::audit_records) returns it. It blocks.
    ///
    /// # Errors
    /// If the folder or a file cannot be read. If there is no file yet, the log is empty.
    pub fn page(&self, query: &AuditQuery) -> io::Result<AuditPage> {
        page(&self.directory, &AuditTail::all_written(), query)
    }

    /// Whether the journal contains newer records.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn is_behind(&self) -> io::Result<bool> {
        Ok(self.directory.names()?.iter().any(|name| journal::is_segment(name)))
    }
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditLog").field("folder", &self.directory.0).finish()
    }
}
