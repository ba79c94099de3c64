//! Moves outside the folder of the database.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

/// A file or folder that is moved beside itself, and what takes its place.
pub(super) struct OutsideMove {
    pub(super) path: PathBuf,
    pub(super) prepared: Option<PathBuf>,
}

impl OutsideMove {
    /// Makes the move. What was there goes to a folder beside it with this name.
    pub(super) fn make(&self, replaced: &str) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("/")).join(replaced);
        if fs::symlink_metadata(&self.path).is_ok() {
            if let Err(error) = DirBuilder::new().mode(0o700).create(&folder)
                && error.kind() != ErrorKind::AlreadyExists
            {
                return Err(error);
            }
            fs::rename(&self.path, folder.join(self.path.file_name().unwrap_or(OsStr::new("file"))))?;
        }
        self.prepared.as_ref().map_or(Ok(()), |prepared| fs::rename(prepared, &self.path))
    }
}
