//! Files and folders, without following a link where somebody else may have made it.

use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags, openat, renameat, renameat_with, statat};
use rustix::io::Errno;

/// A private file that is not there yet.
pub(super) fn create(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

/// A folder that only its owner may enter, which is not there yet.
pub(super) fn make_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// Makes the names in a folder durable.
pub(crate) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Opens a folder; `None` if there is none of this name.
pub(super) fn open_folder(parent: &OwnedFd, name: &str) -> io::Result<Option<OwnedFd>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat(parent, name, flags, Mode::empty()) {
        Ok(folder) => Ok(Some(folder)),
        Err(Errno::NOENT) => Ok(None),
        Err(Errno::LOOP | Errno::NOTDIR) => Err(invalid(format!("\"{name}\" is a link, or no folder"))),
        Err(error) => Err(error.into()),
    }
}

/// Renames to a name that nothing has.
pub(super) fn rename_new(from: &OwnedFd, name: &str, to: &OwnedFd, new_name: &str) -> io::Result<()> {
    let is_there = |folder, name| statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).is_ok();
    match renameat_with(from, name, to, new_name, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) if is_there(from, name) => {
            // A file system that cannot promise it. The folder's lock keeps others from making the name meanwhile.
            if is_there(to, new_name) {
                return Err(ErrorKind::AlreadyExists.into());
            }
            Ok(renameat(from, name, to, new_name)?)
        }
        outcome => Ok(outcome?),
    }
}

pub(super) fn unless(error: io::Error, kind: ErrorKind) -> io::Result<()> {
    if error.kind() == kind { Ok(()) } else { Err(error) }
}

pub(super) fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}
