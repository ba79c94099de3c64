//! The data folder on a real file system.

use std::fs::{DirBuilder, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use roster_storage::lock_holder;
use rustix::fs::{AtFlags, FlockOperation, RenameFlags, StatxAttributes, StatxFlags};
use rustix::io::Errno;

use super::folder::{Directory, Disk, DiskFile, FileIdentity, View};
use super::ordinary::{open_ordinary, require_ordinary};

/// Only the account of the server may read personal data.
const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

pub(crate) const LOCK_FILE: &str = "roster.lock";

/// A data folder whose lock this process holds until it is dropped.
#[derive(Debug)]
pub(crate) struct RealDisk {
    directory: RealDirectory,
    /// The open folder, for syncing it.
    handle: File,
    /// Kept open for its lock, which the system releases even if the process is killed. A reader needs no lock if
    /// there is no lock file.
    _lock: Option<File>,
}

/// A data folder that is only read, whichever process holds its lock.
#[derive(Debug)]
pub(crate) struct RealDirectory(pub(crate) PathBuf);

/// Why a data folder could not be opened.
#[derive(Debug)]
pub(crate) enum LockError {
    /// Another process holds the lock; its id, if known.
    Held { pid: Option<u32> },
    /// The folder or its lock file could not be created or opened.
    Io(io::Error),
}

impl From<io::Error> for LockError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl RealDisk {
    /// Creates the folder if it is missing (mode 0700) and locks it.
    pub(crate) fn lock(folder: &Path) -> Result<Self, LockError> {
        DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder)?;
        let handle = File::open(folder)?;
        let lock = take_lock(&folder.join(LOCK_FILE))?;
        Ok(Self { directory: RealDirectory(folder.to_owned()), handle, _lock: Some(lock) })
    }

    /// Opens the folder to read, with a shared lock, and changes nothing in it; `None` if it is missing.
    pub(crate) fn open_shared(folder: &Path) -> Result<Option<Self>, LockError> {
        let Some(handle) = if_present(File::open(folder))? else { return Ok(None) };
        let lock = if_present(open_ordinary(&folder.join(LOCK_FILE)))?;
        if let Some(lock) = &lock {
            acquire(lock, FlockOperation::NonBlockingLockShared)?;
        }
        Ok(Some(Self { directory: RealDirectory(folder.to_owned()), handle, _lock: lock }))
    }

    /// Opens the folder to read without a lock; `None` if it is missing.
    pub(crate) fn open_unlocked(folder: &Path) -> io::Result<Option<Self>> {
        let Some(handle) = if_present(File::open(folder))? else { return Ok(None) };
        Ok(Some(Self { directory: RealDirectory(folder.to_owned()), handle, _lock: None }))
    }

    /// Whether a file is a mount point, which no rename can replace.
    pub(crate) fn is_mount(&self, name: &str) -> bool {
        let found = rustix::fs::statx(&self.handle, name, AtFlags::empty(), StatxFlags::BASIC_STATS);
        // If the kernel does not say, the first snapshot will fail with this error.
        found.is_ok_and(|file| file.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.0.join(name)
    }

    /// For file systems that cannot swap names. It takes three steps but never leaves `other` missing.
    fn exchange_by_link(&self, one: &str, other: &str) -> io::Result<()> {
        let aside = format!("{one}.aside");
        self.remove(&aside)?;
        std::fs::hard_link(self.path(other), self.path(&aside))?;
        self.rename(one, other)?;
        self.rename(&aside, one)
    }
}

fn take_lock(path: &Path) -> Result<File, LockError> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false).mode(FILE_MODE);
    // To open a pipe for both does not block.
    let mut file = options.open(path)?;
    require_ordinary(&file)?;
    acquire(&file, FlockOperation::NonBlockingLockExclusive)?;
    // The id is only informational: a full disk must not keep the server from starting.
    let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
    Ok(file)
}

fn acquire(file: &File, operation: FlockOperation) -> Result<(), LockError> {
    match rustix::fs::flock(file, operation) {
        Ok(()) => Ok(()),
        Err(Errno::WOULDBLOCK) => Err(LockError::Held { pid: lock_holder(file) }),
        Err(error) => Err(LockError::Io(error.into())),
    }
}

fn if_present<T>(opened: io::Result<T>) -> io::Result<Option<T>> {
    match opened {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

impl Directory for RealDirectory {
    fn names(&self) -> io::Result<Vec<String>> {
        let Some(entries) = if_present(std::fs::read_dir(&self.0))? else { return Ok(Vec::new()) };
        entries
            .filter_map(|entry| match entry {
                // A name that is not UTF-8 is not ours.
                Ok(entry) => entry.file_name().into_string().ok().map(Ok),
                Err(error) => Some(Err(error)),
            })
            .collect()
    }

    fn view(&self, name: &str) -> io::Result<Option<Box<dyn View>>> {
        match open_ordinary(&self.0.join(name)) {
            Ok(file) => Ok(Some(Box::new(RealView { len: file.metadata()?.len(), file }))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Directory for RealDisk {
    fn names(&self) -> io::Result<Vec<String>> {
        self.directory.names()
    }

    fn view(&self, name: &str) -> io::Result<Option<Box<dyn View>>> {
        self.directory.view(name)
    }
}

struct RealView {
    file: File,
    len: u64,
}

impl View for RealView {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            match self.file.read_at(&mut buffer[done..], at + done as u64) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }
}

impl Disk for RealDisk {
    fn identity(&self, name: &str) -> io::Result<Option<FileIdentity>> {
        match std::fs::metadata(self.path(name)) {
            Ok(found) => Ok(Some(FileIdentity {
                inode: found.ino(),
                len: found.len(),
                modified: i128::from(found.mtime()) * 1_000_000_000 + i128::from(found.mtime_nsec()),
            })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn read(&self, name: &str, from: u64) -> io::Result<Box<dyn Read + Send>> {
        let mut file = open_ordinary(&self.path(name))?;
        file.seek(SeekFrom::Start(from))?;
        Ok(Box::new(file))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut options = File::options();
        options.write(true).create(true).truncate(true).mode(FILE_MODE);
        Ok(Box::new(RealFile(options.open(self.path(name))?)))
    }

    fn append(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let mut options = File::options();
        options.append(true).create(true).mode(FILE_MODE);
        Ok(Box::new(RealFile(options.open(self.path(name))?)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.path(from), self.path(to))
    }

    fn exchange(&self, one: &str, other: &str) -> io::Result<()> {
        match rustix::fs::renameat_with(&self.handle, one, &self.handle, other, RenameFlags::EXCHANGE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => self.exchange_by_link(one, other),
            outcome => Ok(outcome?),
        }
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        match std::fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn sync_folder(&self) -> io::Result<()> {
        self.handle.sync_all()
    }
}

struct RealFile(File);

/// How many zeros are written at once.
static ZEROS: [u8; 1 << 16] = [0; 1 << 16];

impl Write for RealFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl DiskFile for RealFile {
    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn prepare(&mut self, len: u64) -> io::Result<()> {
        let (mut at, end) = {
            let written = self.0.stream_position()?;
            (written, written + len)
        };
        while at < end {
            let piece = ZEROS.len().min(usize::try_from(end - at).unwrap_or(usize::MAX));
            self.0.write_all_at(&ZEROS[..piece], at)?;
            at += piece as u64;
        }
        Ok(())
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.0.set_len(len)?;
        self.0.seek(SeekFrom::Start(len))?;
        Ok(())
    }
}
