//! The lock that keeps a second process from the database.

use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use roster_storage::lock_holder;
use rustix::fs::FlockOperation;
use rustix::io::Errno;

use crate::error::OpenError;

/// Only the account of the server may read personal data.
const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;
/// How many links may lead from one to the next. Linux allows as many.
const MAX_LINKS: usize = 40;

/// Where a store is. Every process that reaches it locks the same file beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DatabaseLocation {
    pub(crate) folder: PathBuf,
    pub(crate) file: PathBuf,
}

/// A database that no other process can open for writing, until this is dropped.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "the system releases the lock with the file")] File);

impl DatabaseLocation {
    /// The place of the database at this path.
    ///
    /// # Errors
    /// [`OpenError`] if the path names no file.
    pub(crate) fn of(path: &Path) -> Result<Self, OpenError> {
        let mut place = Self::named(path)?;
        // A link leads to the folder in which every process finds the same lock, also before the database exists. Folders
        // stay as they are: the real path of a folder may be closed to this account.
        for _ in 0..MAX_LINKS {
            match std::fs::read_link(&place.file) {
                Ok(target) => place = Self::named(&place.folder.join(target))?,
                // It is no link, or there is nothing yet. If it cannot be read, opening it says so.
                Err(_) => return Ok(place),
            }
        }
        Err(OpenError::Io { path: path.to_owned(), source: Errno::LOOP.into() })
    }

    /// The place that a path names, without following links.
    fn named(path: &Path) -> Result<Self, OpenError> {
        let name = path.file_name().ok_or_else(|| OpenError::NoFile { path: path.to_owned() })?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).to_owned();
        Ok(Self { file: folder.join(name), folder })
    }

    /// Refuses a database with a second name, beside which another process would find another lock and another log.
    ///
    /// # Errors
    /// [`OpenError::SecondName`], and [`OpenError::Io`] if the names are unknown.
    pub(crate) fn refuse_second_name(&self) -> Result<(), OpenError> {
        let path = || self.file.clone();
        match std::fs::metadata(&self.file) {
            Ok(found) if found.is_file() && found.nlink() > 1 => Err(OpenError::SecondName { path: path() }),
            Err(source) if source.kind() != ErrorKind::NotFound => {
                Err(OpenError::Io { path: path(), source })
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Another file, beside the database and named after it.
    pub(crate) fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(suffix);
        name.into()
    }

    /// Whether there is a log with changes beside the database. Reading makes an empty one if there is none.
    pub(crate) fn has_log(&self) -> bool {
        std::fs::metadata(self.beside("-wal")).is_ok_and(|found| found.len() > 0)
    }

    /// Removes the log of a database that is not there. SQLite would take it for that of a database which is moved here.
    pub(crate) fn remove_stray_log(&self) -> io::Result<()> {
        for suffix in ["-wal", "-shm"] {
            match std::fs::remove_file(self.beside(suffix)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Creates the folder and an empty database if they are missing, readable by this account only.
    pub(crate) fn create(&self) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(&self.folder)?;
        private_file().open(&self.file).map(drop)
    }
}

impl Lock {
    /// Locks the database for this process.
    ///
    /// # Errors
    /// [`OpenError::Held`] if another process has it open.
    pub(crate) fn take(place: &DatabaseLocation) -> Result<Self, OpenError> {
        let path = place.beside(".lock");
        let failed = |source| OpenError::Io { path: path.clone(), source };
        let folder = DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(&place.folder);
        folder.map_err(failed)?;
        let mut file = private_file().open(&path).map_err(failed)?;
        acquire(place, &file, FlockOperation::NonBlockingLockExclusive)?;
        // The id is only informational: a full disk must not keep the server from starting.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self(file))
    }

    /// Keeps others from opening the database for writing, while several can read it; `None` if it was never opened
    /// for writing.
    ///
    /// # Errors
    /// [`OpenError::Held`] if another process has it open for writing.
    pub(crate) fn share(place: &DatabaseLocation) -> Result<Option<Self>, OpenError> {
        let path = place.beside(".lock");
        match File::open(&path) {
            Ok(file) => {
                acquire(place, &file, FlockOperation::NonBlockingLockShared)?;
                Ok(Some(Self(file)))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(OpenError::Io { path, source }),
        }
    }
}

fn private_file() -> std::fs::OpenOptions {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false).mode(FILE_MODE);
    options
}

fn acquire(place: &DatabaseLocation, file: &File, operation: FlockOperation) -> Result<(), OpenError> {
    match rustix::fs::flock(file, operation) {
        Ok(()) => Ok(()),
        Err(Errno::WOULDBLOCK) => Err(OpenError::Held { path: place.file.clone(), pid: lock_holder(file) }),
        Err(error) => Err(OpenError::Io { path: place.beside(".lock"), source: error.into() }),
    }
}
