//! Finds the time bounds of archives of the audit log that have none: those of an older version, and those that
//! an operator has put there.

use std::io;

use crate::audit_log::{Archive, Times, archives};
use crate::disk::Disk;

/// The archives that are still to be read, newest last.
#[derive(Debug)]
pub(super) struct ArchivesWithoutTimes(Option<Vec<Archive>>);

impl ArchivesWithoutTimes {
    /// The archives have not been listed yet.
    pub(super) const fn new() -> Self {
        Self(None)
    }

    /// Reads one archive. Does nothing once all have been read.
    ///
    /// # Errors
    /// I/O errors; the archive is not tried again.
    pub(super) fn measure_one(&mut self, disk: &dyn Disk) -> io::Result<()> {
        let found = match self.0.take() {
            Some(found) => found,
            None => archives(disk)?,
        };
        let found = self.0.insert(found);
        while let Some(archive) = found.pop() {
            let Some(view) = disk.view(&archive.name)? else { continue };
            if Times::read(disk, &archive.name, &*view)?.is_none() {
                let times = Times::default().through(disk, &archive.name, view.len())?;
                return times.map_or(Ok(()), |times| times.keep(disk, &archive.name));
            }
        }
        Ok(())
    }
}
