//! A backup that is known to be whole.

use std::fs::File;
use std::io::Seek as _;

use indicatif::ProgressBar;
use roster_backup::{BackupDetails, Contents};

/// A backup that is known to be whole.
pub(super) struct Verified<'a> {
    pub(super) file: &'a File,
    pub(super) about: BackupDetails,
    pub(super) contents: Contents,
    pub(super) bar: &'a ProgressBar,
}

impl Verified<'_> {
    /// Reads it again from the beginning. It is checked again meanwhile, in case that somebody has changed it.
    pub(super) fn again(&self) -> anyhow::Result<impl std::io::Read> {
        let mut file = self.file;
        file.rewind()?;
        Ok(self.bar.wrap_read(file))
    }
}
