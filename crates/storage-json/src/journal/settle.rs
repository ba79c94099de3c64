//! Makes the result of the replay final.

use std::io::{self, Read};

use super::replay::Replayed;
use super::segment::SealedSegment;
use crate::disk::Disk;

/// Makes sure that the next replay gives the same result, whatever happens.
///
/// # Errors
/// I/O errors; no valid unit was changed.
pub(crate) fn settle(disk: &dyn Disk, replayed: &Replayed) -> io::Result<()> {
    let Some((last, earlier)) = replayed.segments.split_last() else { return Ok(()) };
    for segment in earlier {
        truncate_dead_tail(disk, segment)?;
    }
    if replayed.units > 0 { rewrite(disk, last) } else { truncate_dead_tail(disk, last) }
}

/// Discarded units must not come back when the segment that discards them is itself started again.
fn truncate_dead_tail(disk: &dyn Disk, segment: &SealedSegment) -> io::Result<()> {
    if disk.identity(&segment.name)?.is_none_or(|file| file.len <= segment.len) {
        return Ok(());
    }
    let mut file = disk.append(&segment.name)?;
    file.truncate(segment.len)?;
    file.sync()
}

/// What this process reads may only be in the page cache, because the sync failed and the writing process then died,
/// and another sync of the same file would report success. Earlier segments do not need this: a later segment only
/// starts after they are synced.
fn rewrite(disk: &dyn Disk, last: &SealedSegment) -> io::Result<()> {
    let copy = format!("{}.new", last.name);
    disk.remove(&copy)?;
    let mut file = disk.create(&copy)?;
    io::copy(&mut disk.read(&last.name, 0)?.take(last.len), &mut file)?;
    file.sync()?;
    disk.rename(&copy, &last.name)?;
    disk.sync_folder()
}
