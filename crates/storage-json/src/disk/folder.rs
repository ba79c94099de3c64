//! What the engine asks of a data folder.

use std::io::{self, Read};

/// One data folder, to read. Names are plain file names inside it.
pub(crate) trait Directory: Send + Sync {
    /// The names of the files in the folder, in no particular order.
    fn names(&self) -> io::Result<Vec<String>>;

    /// The file that has this name now, to read anywhere. `None` if there is no such file.
    fn view(&self, name: &str) -> io::Result<Option<Box<dyn View>>>;
}

/// One file open for reading: the same file, whatever happens to its name.
pub(crate) trait View: Send {
    /// Bytes, when it was opened.
    fn len(&self) -> u64;

    /// Reads what is at byte `at`; fewer bytes than asked for only at the end.
    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

/// One data folder, to read and write.
///
/// What a call changed in the folder itself (a file made, renamed, removed) survives a power cut only after
/// [`Disk::sync_folder`]; what a file holds, only after [`DiskFile::sync`].
pub(crate) trait Disk: Directory {
    /// What tells one state of a file from another without reading it. `None` if there is no such file.
    fn identity(&self, name: &str) -> io::Result<Option<FileIdentity>>;

    /// The file's content from byte `from` to the end.
    fn read(&self, name: &str, from: u64) -> io::Result<Box<dyn Read + Send>>;

    /// A file to write, empty: made if absent, cut to nothing if present.
    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;

    /// A file to write at its end: made if absent.
    fn append(&self, name: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Gives `from` the name `to`, in place of whatever had it.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Swaps the names of two files that both exist.
    fn exchange(&self, one: &str, other: &str) -> io::Result<()>;

    /// Removes a file; that it is absent already is no failure.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Makes every name change so far durable.
    fn sync_folder(&self) -> io::Result<()>;
}

/// One file open for writing where the last write ended. A write may be short, as [`io::Write::write`] says.
pub(crate) trait DiskFile: io::Write + Send {
    /// Makes what was written so far durable. After a failure nothing is known about it.
    fn sync(&mut self) -> io::Result<()>;

    /// Puts `len` zeros after what was written. The next write still goes where the last one ended, over them:
    /// to make that durable, the file system need not allocate anything or change the file's length. What is
    /// there of them after a failure does no harm. Not for a file from [`Disk::append`].
    fn prepare(&mut self, len: u64) -> io::Result<()>;

    /// Cuts the file to `len` bytes; the next write goes there.
    fn truncate(&mut self, len: u64) -> io::Result<()>;
}

/// What tells one state of a file from another without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileIdentity {
    /// The file behind the name: an editor that replaces a file changes it.
    pub(crate) inode: u64,
    /// Bytes.
    pub(crate) len: u64,
    /// Nanoseconds since the epoch (a counter in the simulation).
    pub(crate) modified: i128,
}

/// Reads a whole file, `None` if there is none.
pub(crate) fn read_whole(disk: &dyn Disk, name: &str) -> io::Result<Option<Vec<u8>>> {
    let Some(identity) = disk.identity(name)? else { return Ok(None) };
    let mut content = Vec::with_capacity(usize::try_from(identity.len).unwrap_or(0));
    disk.read(name, 0)?.read_to_end(&mut content)?;
    Ok(Some(content))
}
