//! Receives an upload into a private file.

use std::path::PathBuf;

use roster_storage::StoreError;
use tempfile::NamedTempFile;

use super::blocking::{blocking, unavailable};
use crate::private_file::make_folder;
use crate::spool::Spool;

/// An upload in a file that only its owner can read. It is removed if it is dropped.
pub(super) struct Upload {
    file: NamedTempFile,
    spool: Spool,
}

impl Upload {
    /// Begins a file in `folder`.
    ///
    /// # Errors
    /// If the file cannot be created.
    pub(super) async fn begin(folder: PathBuf) -> Result<Self, StoreError> {
        blocking(move || {
            make_folder(&folder)?;
            // `tempfile` uses mode 0600.
            let file = NamedTempFile::with_prefix_in("upload-", &folder)?;
            let spool = Spool::to(file.as_file().try_clone()?, &folder);
            Ok(Self { file, spool })
        })
        .await
    }

    /// Appends to it. Blocks.
    ///
    /// # Errors
    /// If it cannot be written, or too little disk space is left.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.spool.write(bytes).map_err(unavailable)
    }

    /// The complete file.
    pub(super) fn into_file(self) -> NamedTempFile {
        self.file
    }
}
