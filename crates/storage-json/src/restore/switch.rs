//! Puts a restored store in place of another, so that a kill at any moment leaves one of the two.
//!
//! The restored store is built completely in `restore.new/`. Then `restore.json` is written, which lists what is moved
//! out and what is moved in. From then on the restored store is in effect: the next process that opens the folder
//! makes the remaining moves. Without `restore.json`, `restore.new/` is left over from an interrupted restore and is
//! removed.
//!
//! Anyone who can write to the folder can write `restore.json` and choose the names in the folder. So the list may
//! contain only names that a restore moves, and the folders are opened without following links.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, fsync, renameat, statat};
use rustix::io::Errno;

use super::folders::{create, make_private_folder, open_folder, rename_new, unless};
use super::list::{MoveList, failed, read};
use super::names::{STAGING, SWITCH_FILE};
use crate::error::OpenError;

/// A switch with its open folders.
pub(crate) struct Switch<'a> {
    folder: &'a Path,
    list: MoveList,
    /// The folder of the store.
    store: OwnedFd,
    /// `restore.new/`; absent once everything was moved in.
    staging: Option<OwnedFd>,
    /// The folder for the existing files; absent if there are none.
    replaced: Option<OwnedFd>,
}

impl<'a> Switch<'a> {
    /// Opens the folders and creates the one for the existing files. Moves nothing.
    ///
    /// # Errors
    /// If one of them is a link or not a folder, and I/O errors.
    pub(crate) fn prepare(folder: &'a Path, list: MoveList) -> io::Result<Self> {
        let store = OwnedFd::from(File::open(folder)?);
        let staging = open_folder(&store, STAGING)?;
        let replaced = match list.replaced_folder() {
            None => None,
            Some(name) => {
                if matches!(statat(&store, name, AtFlags::SYMLINK_NOFOLLOW), Err(Errno::NOENT)) {
                    make_private_folder(&folder.join(name))?;
                }
                open_folder(&store, name)?
            }
        };
        Ok(Self { folder, list, store, staging, replaced })
    }

    /// Makes the restored store, which is complete and synced, the one in effect. Once this has returned `Ok`,
    /// [`finish`] makes the moves, even if nobody calls [`carry_out`](Self::carry_out).
    pub(crate) fn commit(&self) -> io::Result<()> {
        let unfinished = self.folder.join(STAGING).join(SWITCH_FILE);
        let mut file = create(&unfinished)?;
        file.write_all(&serde_json::to_vec_pretty(&self.list)?)?;
        file.sync_all()?;
        let staging = self.staging.as_ref().ok_or(ErrorKind::NotFound)?;
        renameat(staging, SWITCH_FILE, &self.store, SWITCH_FILE)?;
        Ok(fsync(&self.store)?)
    }

    /// Makes the remaining moves. Each is made once, however often this is called.
    pub(crate) fn carry_out(&self) -> io::Result<()> {
        for name in &self.list.out {
            let Some(replaced) = &self.replaced else { break };
            // If both exist, the first is already the restored one.
            move_new(&self.store, replaced, name).or_else(|error| unless(error, ErrorKind::AlreadyExists))?;
        }
        self.sync()?;
        for name in &self.list.into {
            let Some(staging) = &self.staging else { break };
            move_new(staging, &self.store, name)?;
        }
        self.sync()?;
        clear_staging(self.folder)?;
        fs::remove_file(self.folder.join(SWITCH_FILE))?;
        Ok(fsync(&self.store)?)
    }

    fn sync(&self) -> io::Result<()> {
        for place in [&self.replaced, &self.staging].into_iter().flatten().chain([&self.store]) {
            fsync(place)?;
        }
        Ok(())
    }
}

/// Whether a restore is in effect but not completed.
pub(crate) fn is_unfinished(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join(SWITCH_FILE)).is_ok()
}

/// Completes an interrupted restore. The caller holds the lock of the folder. Returns whether there were moves left.
///
/// # Errors
/// [`OpenError::BadMoves`], if the list or a folder of a restore is invalid; then nothing was moved.
/// [`OpenError::Newer`] for the list of a newer Roster. [`OpenError::Io`] for I/O errors.
pub(crate) fn finish(folder: &Path, users_file: &str) -> Result<bool, OpenError> {
    let Some(list) = read(folder, users_file)? else { return Ok(false) };
    let switch = Switch::prepare(folder, list).map_err(|source| failed(folder, source))?;
    tracing::warn!(folder = %folder.display(), "an interrupted restore is completed now");
    switch.carry_out().map_err(|source| failed(folder, source))?;
    Ok(true)
}

/// Checks the list of an interrupted restore, if there is one. Changes nothing.
///
/// # Errors
/// As [`finish`].
pub(crate) fn check(folder: &Path, users_file: &str) -> Result<(), OpenError> {
    read(folder, users_file).map(drop)
}

/// Removes the files of a restore that was never in effect. The caller holds the lock of the folder.
pub(crate) fn clear_undecided(folder: &Path) -> Result<(), OpenError> {
    if is_unfinished(folder) {
        return Ok(());
    }
    clear_staging(folder).map_err(|source| OpenError::Io { path: folder.join(STAGING), source })
}

fn clear_staging(folder: &Path) -> io::Result<()> {
    fs::remove_dir_all(folder.join(STAGING)).or_else(|error| unless(error, ErrorKind::NotFound))
}

/// Moves a file or folder to another folder, in which the name is unused. It is no error if the move was already
/// made.
fn move_new(from: &OwnedFd, to: &OwnedFd, name: &str) -> io::Result<()> {
    rename_new(from, name, to, name).or_else(|error| unless(error, ErrorKind::NotFound))
}

#[cfg(test)]
mod tests;
