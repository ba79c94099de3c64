//! A disk in memory that fails as real ones do, the same way for the same seed.
//!
//! It keeps what was synced. At a power cut a random part of the rest survives: any of the name changes, in
//! any combination; of unsynced writes any chunk, in any order, with zeros or garbage where the others were.
//! Until then it may write short, run full, or fail to write, sync or rename. A sync that failed takes its
//! data with it, and a later one that succeeds does not bring it back.

mod chance;
mod inode;

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Write};
use std::sync::Arc;

use parking_lot::Mutex;
use rustix::io::Errno;

use super::{Directory, Disk, DiskFile, FileIdentity, View};
pub(crate) use chance::Chance;
use inode::Inode;

/// The disk; clones are the same disk.
#[derive(Clone)]
pub(crate) struct SimulatedDisk(Arc<Mutex<Platter>>);

struct Platter {
    chance: Chance,
    inodes: BTreeMap<u64, Inode>,
    /// What a name means now.
    names: BTreeMap<String, u64>,
    /// What it means after a power cut, if none of the pending changes survives.
    synced_names: BTreeMap<String, u64>,
    /// Name changes since the last sync of the folder; the parts of one happen together.
    pending: Vec<Vec<(String, Option<u64>)>>,
    /// Counts changes: the time, for modification times.
    clock: i128,
    /// How many operations are left until the power goes.
    fuse: Option<u32>,
    /// One operation in so many fails; none if 0.
    fault_rate: u64,
    is_full: bool,
    /// Whether there is room for lines, but not for what is only prepared.
    is_tight: bool,
}

impl SimulatedDisk {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Platter {
            chance: Chance::new(seed),
            inodes: BTreeMap::new(),
            names: BTreeMap::new(),
            synced_names: BTreeMap::new(),
            pending: Vec::new(),
            clock: 0,
            fuse: None,
            fault_rate: 0,
            is_full: false,
            is_tight: false,
        })))
    }

    /// Lets one operation in `rate` fail, none if 0.
    pub(crate) fn fail_one_in(&self, rate: u64) {
        self.0.lock().fault_rate = rate;
    }

    /// Leaves no room, or gives it back.
    pub(crate) fn set_full(&self, is_full: bool) {
        self.0.lock().is_full = is_full;
    }

    /// Leaves room for lines, but not for what is only prepared.
    pub(crate) fn fail_preparation(&self) {
        self.0.lock().is_tight = true;
    }

    /// Lets the power go after so many operations: from then on nothing works.
    pub(crate) fn burn_fuse(&self, operations: u32) {
        self.0.lock().fuse = Some(operations);
    }

    /// The power comes back: what is there now is what survived.
    pub(crate) fn power_cut(&self) {
        self.0.lock().power_cut();
    }

    /// Only the process died: what was written is still there.
    pub(crate) fn kill(&self) {
        self.0.lock().fuse = None;
    }

    /// A file at its end, made if absent.
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
        Ok(SimulatedFile { disk: self.clone(), inode, at: None })
    }

    /// What another program would read.
    pub(crate) fn content(&self, name: &str) -> Option<Vec<u8>> {
        let platter = self.0.lock();
        platter.names.get(name).map(|inode| platter.inodes[inode].content().to_vec())
    }

    /// Another program writes a file, durably, in place of the old one.
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

impl Platter {
    /// An operation begins; it may be the one at which the power goes.
    fn begin(&mut self) -> io::Result<()> {
        self.clock += 1;
        match &mut self.fuse {
            Some(0) => Err(io::Error::other("the power is gone")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn is_faulty(&mut self) -> bool {
        self.fault_rate > 0 && self.chance.one_in(self.fault_rate)
    }

    fn change(&mut self, parts: Vec<(String, Option<u64>)>) {
        for (name, inode) in &parts {
            match inode {
                Some(inode) => drop(self.names.insert(name.clone(), *inode)),
                None => drop(self.names.remove(name)),
            }
        }
        self.pending.push(parts);
    }

    fn make(&mut self, name: &str) -> u64 {
        let inode = self.inodes.len() as u64 + 1;
        self.inodes.insert(inode, Inode::default());
        self.change(vec![(name.to_owned(), Some(inode))]);
        inode
    }

    fn sync_names(&mut self) {
        self.synced_names = self.names.clone();
        self.pending.clear();
    }

    fn power_cut(&mut self) {
        self.fuse = None;
        let mut names = std::mem::take(&mut self.synced_names);
        for part in std::mem::take(&mut self.pending)
            .into_iter()
            .flat_map(|change| if self.chance.one_in(2) { change } else { Vec::new() })
        {
            match part {
                (name, Some(inode)) => drop(names.insert(name, inode)),
                (name, None) => drop(names.remove(&name)),
            }
        }
        self.names = names.clone();
        self.synced_names = names;
        for inode in self.inodes.values_mut() {
            inode.power_cut(&mut self.chance);
        }
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

/// What the file held when it was opened.
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
        Ok(Box::new(SimulatedFile { disk: self.clone(), inode, at: Some(0) }))
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

/// An open file.
struct SimulatedFile {
    disk: SimulatedDisk,
    inode: u64,
    /// Where the next write goes; `None` is the end, wherever that is by then.
    at: Option<usize>,
}

impl SimulatedFile {
    /// Writes perhaps only some of it, perhaps with a failure after that.
    fn write_at(&self, at: Option<usize>, bytes: &[u8]) -> io::Result<usize> {
        let mut platter = self.disk.0.lock();
        platter.begin()?;
        let failing = platter.is_full || platter.is_faulty();
        let is_full = platter.is_full;
        let taken = if failing { platter.chance.below(bytes.len() as u64 + 1) } else { bytes.len() as u64 };
        let taken = usize::try_from(taken).unwrap();
        let is_short = failing && !is_full && taken > 0 && platter.chance.one_in(2);
        let error = if is_full || platter.chance.one_in(2) { Errno::NOSPC } else { Errno::IO };
        let is_written_back = platter.chance.one_in(8);
        let now = platter.clock;
        let file = platter.inodes.get_mut(&self.inode).unwrap();
        file.write(at.unwrap_or(file.content().len()), &bytes[..taken], now);
        if is_written_back {
            // The system may write to the platter whenever it likes.
            file.sync();
        }
        if failing && !is_short { Err(error.into()) } else { Ok(taken) }
    }
}

impl Write for SimulatedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.write_at(self.at, bytes)?;
        self.at = self.at.map(|at| at + taken);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl DiskFile for SimulatedFile {
    fn sync(&mut self) -> io::Result<()> {
        let platter = &mut *self.disk.0.lock();
        platter.begin()?;
        let is_faulty = platter.is_faulty();
        let file = platter.inodes.get_mut(&self.inode).unwrap();
        if is_faulty {
            file.fail_to_sync(&mut platter.chance);
            return Err(Errno::IO.into());
        }
        file.sync();
        Ok(())
    }

    fn prepare(&mut self, len: u64) -> io::Result<()> {
        if self.disk.0.lock().is_tight {
            return Err(Errno::NOSPC.into());
        }
        let zeros = vec![0; usize::try_from(len).unwrap()];
        let mut done = 0;
        while done < zeros.len() {
            done += self.write_at(self.at.map(|at| at + done), &zeros[done..])?;
        }
        Ok(())
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        let mut platter = self.disk.0.lock();
        platter.begin()?;
        if platter.is_faulty() {
            return Err(Errno::IO.into());
        }
        let now = platter.clock;
        let len = usize::try_from(len).unwrap();
        platter.inodes.get_mut(&self.inode).unwrap().truncate(len, now);
        self.at = self.at.map(|_| len);
        Ok(())
    }
}
