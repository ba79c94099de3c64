//! A disk in memory that fails like real ones, in the same way for the same seed.
//!
//! It keeps what was synced. At a power cut a random part of the rest survives: any of the name changes, in any
//! combination; any chunk of unsynced writes, in any order, with zeros or garbage in the gaps. Before that it may
//! write short, run full, or fail to write, sync or rename. A failed sync loses its data, and a later successful one
//! does not bring it back.

mod chance;
mod file;
mod inode;
mod platter;

use std::io::{self, Cursor, Read, Write};
use std::sync::Arc;

use parking_lot::Mutex;
use rustix::io::Errno;

use super::folder::{Directory, Disk, DiskFile, FileIdentity, View};
pub(crate) use chance::Chance;
use file::SimulatedFile;
use platter::Platter;

/// The disk; clones are the same disk.
#[derive(Clone)]
pub(crate) struct SimulatedDisk(Arc<Mutex<Platter>>);

impl SimulatedDisk {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Platter::new(seed))))
    }

    /// Makes one operation in `rate` fail; none if 0.
    pub(crate) fn fail_one_in(&self, rate: u64) {
        self.0.lock().fault_rate = rate;
    }

    /// Makes the disk full, or not.
    pub(crate) fn set_full(&self, is_full: bool) {
        self.0.lock().is_full = is_full;
    }

    /// Leaves room for lines but not for preallocation.
    pub(crate) fn fail_preparation(&self) {
        self.0.lock().is_tight = true;
    }

    /// Cuts the power after this many operations: from then on all operations fail.
    pub(crate) fn cut_power_after(&self, operations: u32) {
        self.0.lock().fuse = Some(operations);
    }

    /// Restores the power: what is there now is what survived.
    pub(crate) fn power_cut(&self) {
        self.0.lock().power_cut();
    }

    /// Only the process is killed: everything written is still there.
    pub(crate) fn kill(&self) {
        self.0.lock().fuse = None;
    }

    /// Opens a file at its end; created if missing.
    fn open(&self, name: &str) -> io::Result<SimulatedFile> {
        let mut platter = self.0.lock();
        platter.begin()?;
        if platter.is_faulty() {
            return Err(Errno::NOSPC.into());
        }
        let inode = match platter.names.get(name) {
            Some(inode) => *inode,
            None => platter.make(name),
        };
        Ok(SimulatedFile { platter: Arc::clone(&self.0), inode, at: None })
    }

    /// The content that another program would read.
    pub(crate) fn content(&self, name: &str) -> Option<Vec<u8>> {
        let platter = self.0.lock();
        platter.names.get(name).map(|inode| platter.inodes[inode].content().to_vec())
    }

    /// Another program replaces a file durably.
    pub(crate) fn overwrite(&self, name: &str, content: &[u8]) {
        let mut platter = self.0.lock();
        let inode = platter.make(name);
        platter.clock += 1;
        let now = platter.clock;
        let file = platter.inodes.get_mut(&inode).unwrap();
        file.write(0, content, now);
        file.sync();
        platter.sync_names();
    }
}

impl Directory for SimulatedDisk {
    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.0.lock().names.keys().cloned().collect())
    }

    fn view(&self, name: &str) -> io::Result<Option<Box<dyn View>>> {
        Ok(self.content(name).map(|content| Box::new(content) as _))
    }
}

/// The content of the file when it was opened.
impl View for Vec<u8> {
    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_at(&self, at: u64, mut buffer: &mut [u8]) -> io::Result<usize> {
        let at = usize::try_from(at).unwrap().min(self.as_slice().len());
        buffer.write(&self[at..])
    }
}

impl Disk for SimulatedDisk {
    fn identity(&self, name: &str) -> io::Result<Option<FileIdentity>> {
        let platter = self.0.lock();
        Ok(platter.names.get(name).map(|inode| FileIdentity {
            inode: *inode,
            len: platter.inodes[inode].content().len() as u64,
            modified: platter.inodes[inode].modified(),
        }))
    }

    fn read(&self, name: &str, from: u64) -> io::Result<Box<dyn Read + Send>> {
        let content = self.content(name).ok_or(Errno::NOENT)?;
        let from = usize::try_from(from).unwrap().min(content.len());
        Ok(Box::new(Cursor::new(content[from..].to_vec())))
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        let SimulatedFile { inode, .. } = self.open(name)?;
        let mut platter = self.0.lock();
        let now = platter.clock;
        platter.inodes.get_mut(&inode).unwrap().truncate(0, now);
        Ok(Box::new(SimulatedFile { platter: Arc::clone(&self.0), inode, at: Some(0) }))
    }

    fn append(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(self.open(name)?))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut platter = self.0.lock();
        platter.begin()?;
        if platter.is_faulty() {
            return Err(Errno::IO.into());
        }
        let inode = *platter.names.get(from).ok_or(Errno::NOENT)?;
        platter.change(vec![(to.to_owned(), Some(inode)), (from.to_owned(), None)]);
        Ok(())
    }

    fn exchange(&self, one: &str, other: &str) -> io::Result<()> {
        let mut platter = self.0.lock();
        platter.begin()?;
        if platter.is_faulty() {
            return Err(Errno::IO.into());
        }
        let first = *platter.names.get(one).ok_or(Errno::NOENT)?;
        let second = *platter.names.get(other).ok_or(Errno::NOENT)?;
        platter.change(vec![(one.to_owned(), Some(second)), (other.to_owned(), Some(first))]);
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut platter = self.0.lock();
        platter.begin()?;
        if platter.is_faulty() {
            return Err(Errno::IO.into());
        }
        if platter.names.contains_key(name) {
            platter.change(vec![(name.to_owned(), None)]);
        }
        Ok(())
    }

    fn sync_folder(&self) -> io::Result<()> {
        let mut platter = self.0.lock();
        platter.begin()?;
        if platter.is_faulty() {
            return Err(Errno::IO.into());
        }
        platter.sync_names();
        Ok(())
    }
}
