//! Makes sure of what the replay found.

use std::io::{self, Read};

use super::replay::Replayed;
use crate::disk::Disk;

/// Writes the last segment anew, as far as it counts, and syncs it.
///
/// What a process reads may only be in the page cache, because the sync failed and the process then died;
/// and a second sync of the same file would say that all is well. Earlier segments need no such care: a
/// later one begins only on what is synced.
pub(crate) fn settle(disk: &dyn Disk, replayed: &Replayed) -> io::Result<()> {
    let Some(last) = replayed.segments.last().filter(|_| replayed.units > 0) else { return Ok(()) };
    let copy = format!("{}.new", last.name);
    disk.remove(&copy)?;
    let mut file = disk.create(&copy)?;
    io::copy(&mut disk.read(&last.name, 0)?.take(last.len), &mut file)?;
    file.sync()?;
    disk.rename(&copy, &last.name)?;
    disk.sync_folder()
}
