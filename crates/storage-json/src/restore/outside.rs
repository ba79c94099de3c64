//! Moves of a restore outside the data folder.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use super::folders::{invalid, make_private_folder, open_folder, rename_new, sync, unless};

/// A file or folder outside the data folder that is replaced. It is never written to the list: only the restoring
/// process makes this move, according to its own settings.
pub(super) struct OutsideMove {
    pub(super) path: PathBuf,
    /// Its replacement, in the same folder.
    pub(super) prepared: Option<PathBuf>,
}

impl OutsideMove {
    /// Moves the existing file to the folder `replaced` beside it, and the prepared one in its place.
    pub(super) fn make(&self, replaced: &str) -> io::Result<()> {
        let (folder, name) = (folder(&self.path)?, name(&self.path)?);
        let exists = fs::symlink_metadata(&self.path).is_ok();
        if !exists && self.prepared.is_none() {
            // Its folder may be missing, too.
            return Ok(());
        }
        let handle = OwnedFd::from(File::open(folder)?);
        if exists {
            make_private_folder(&folder.join(replaced))
                .or_else(|error| unless(error, ErrorKind::AlreadyExists))?;
            let old = open_folder(&handle, replaced)?.ok_or(ErrorKind::NotFound)?;
            rename_new(&handle, name, &old, name)?;
            sync(&folder.join(replaced))?;
        }
        if let Some(prepared) = &self.prepared {
            rename_new(&handle, self::name(prepared)?, &handle, name)?;
        }
        sync(folder)
    }
}

fn folder(path: &Path) -> io::Result<&Path> {
    path.parent().ok_or_else(|| invalid("the root is no file"))
}

fn name(path: &Path) -> io::Result<&str> {
    path.file_name().and_then(|name| name.to_str()).ok_or_else(|| invalid("it has no name in UTF-8"))
}
