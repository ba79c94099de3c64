//! A file of a simulated disk that is open for writing.

use std::io::{self, Write};
use std::sync::Arc;

use parking_lot::Mutex;
use rustix::io::Errno;

use super::platter::Platter;
use crate::disk::folder::DiskFile;

/// An open file.
pub(super) struct SimulatedFile {
    pub(super) platter: Arc<Mutex<Platter>>,
    pub(super) inode: u64,
    /// Where the next write goes; `None` is the current end of the file.
    pub(super) at: Option<usize>,
}

impl SimulatedFile {
    /// Writes all or some of the bytes, and may fail after that.
    fn write_at(&self, at: Option<usize>, bytes: &[u8]) -> io::Result<usize> {
        let mut platter = self.platter.lock();
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
            // The system may write to the platter at any time.
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
        let platter = &mut *self.platter.lock();
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
        if self.platter.lock().is_tight {
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
        let mut platter = self.platter.lock();
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
