//! A verified backup.

use std::fs::File;
use std::io::Seek as _;

use indicatif::ProgressBar;
use roster_backup::{BackupDetails, Contents};

/// A backup whose checksums were verified.
pub(super) struct Verified<'a> {
    pub(super) file: &'a File,
    pub(super) about: BackupDetails,
    pub(super) contents: Contents,
    pub(super) bar: &'a ProgressBar,
}

impl Verified<'_> {
    /// Reads the backup again from the beginning. The reader verifies it again, in case the file has changed.
    pub(super) fn read_again(&self) -> anyhow::Result<impl std::io::Read> {
        let mut file = self.file;
        file.rewind()?;
        Ok(self.bar.wrap_read(file))
    }
}
