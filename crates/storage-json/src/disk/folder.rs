//! The operations that the engine needs of a data folder.

use std::io::{self, Read};

/// A data folder to read. Names are plain file names in it.
pub(crate) trait Directory: Send + Sync {
    /// The names of the files in the folder, in no particular order.
    fn names(&self) -> io::Result<Vec<String>>;

    /// Opens the file with this name for random access. `None` if there is no such file.
    fn view(&self, name: &str) -> io::Result<Option<Box<dyn View>>>;
}

/// A file opened for reading. It stays the same file if its name changes.
pub(crate) trait View: Send {
    /// The size in bytes when it was opened.
    fn len(&self) -> u64;

    /// Reads at byte `at`; fewer bytes than requested only at the end.
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// A data folder to read and write.
///
/// Changes to the folder itself (files created, renamed or removed) survive a power cut only after
/// [`Disk::sync_folder`], the content of a file only after [`DiskFile::sync`].
pub(crate) trait Disk: Directory {
    /// Distinguishes states of a file without reading it. `None` if there is no such file.
    fn identity(&self, name: &str) -> io::Result<Option<FileIdentity>>;

    /// The content of the file from byte `from` on.
    fn read(&self, name: &str, from: u64) -> io::Result<Box<dyn Read + Send>>;

    /// Opens an empty file to write: created if missing, otherwise truncated.
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Opens a file to append: created if missing.
    fn append(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Renames `from` to `to`, replacing it.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Swaps the names of two existing files.
    fn exchange(&self, one: &str, other: &str) -> io::Result<()>;

    /// Removes a file, if it exists.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes all name changes so far durable.
    fn sync_folder(&self) -> io::Result<()>;
}

/// A file opened for writing at the end of the last write. A write may be short; see [`io::Write::write`].
pub(crate) trait DiskFile: io::Write + Send {
    /// Makes all writes so far durable. After an error, the state of the file is unknown.
    fn sync(&mut self) -> io::Result<()>;

    /// Writes `len` zeros after the current end. The next write still goes to where the last one ended, over the
    /// zeros, so that syncing it requires the file system neither to allocate blocks nor to change the length. Zeros
    /// left after an error are harmless. Not for files from [`Disk::append`].
    fn prepare(&mut self, len: u64) -> io::Result<()>;

    /// Truncates the file to `len` bytes; the next write goes there.
    fn truncate(&mut self, len: u64) -> io::Result<()>;
}

/// Distinguishes states of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileIdentity {
    /// The inode: an editor that replaces the file changes it.
    pub(crate) inode: u64,
    /// The size in bytes.
    pub(crate) len: u64,
    /// Nanoseconds since the epoch (a counter in the simulation).
    pub(crate) modified: i128,
}

/// Reads a whole file; `None` if there is none.
pub(crate) fn read_whole(disk: &dyn Disk, name: &str) -> io::Result<Option<Vec<u8>>> {
    let Some(identity) = disk.identity(name)? else { return Ok(None) };
    let mut content = Vec::with_capacity(usize::try_from(identity.len).unwrap_or(0));
    disk.read(name, 0)?.read_to_end(&mut content)?;
    Ok(Some(content))
}
