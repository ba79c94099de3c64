//! Reads the audit log, newest record first: what is in memory, then the files from their ends.
//!
//! The projector may add to the files and rotate them meanwhile. Nothing is missed by that, and nothing seen
//! twice: the memory of a state says up to which number everything was in files *before* the read began, a
//! file is opened before the names of the older ones are read, and a record counts only if its number is
//! smaller than that of the one before it.

mod backward;
mod beside;
mod files;
mod forward;
mod gathering;
mod times;

use std::io;
use std::ops::Range;

use roster_domain::{AuditPage, AuditQuery};

use crate::disk::{Directory, View};
use crate::state::AuditTail;
use backward::Backward;
pub use beside::AuditLog;
pub(crate) use files::{AUDIT_FILE, Archive, archives, newest_number};
pub(crate) use forward::Forward;
use gathering::{Gathering, More, Order};
pub(crate) use times::{Times, name as name_of_times};

/// The most bytes of files that one page looks at.
const LOOK: u64 = 64 << 20;

/// One page of the log.
///
/// # Errors
/// What the disk said. A line that makes no sense is no error: it is passed over, with a warning.
pub(crate) fn page(directory: &dyn Directory, tail: &AuditTail, query: &AuditQuery) -> io::Result<AuditPage> {
    page_within(directory, tail, query, LOOK)
}

fn page_within(
    directory: &dyn Directory,
    tail: &AuditTail,
    query: &AuditQuery,
    look: u64,
) -> io::Result<AuditPage> {
    let mut gathering = Gathering::new(query, look);
    for (number, record) in tail.newest_first() {
        if gathering.offer(number, record) == More::Enough {
            return Ok(gathering.page());
        }
    }
    gathering.at_most(tail.filed());
    // First the file that is written to: once it is open, a rotation cannot hide it.
    if let Some(view) = directory.view(AUDIT_FILE)?
        && from_file(directory, &*view, AUDIT_FILE, &mut gathering)? == More::Enough
    {
        return Ok(gathering.page());
    }
    let archives = archives(directory)?;
    let before = std::iter::once(0).chain(archives.iter().map(|archive| archive.through));
    for (archive, before) in archives.iter().zip(before.collect::<Vec<_>>()).rev() {
        // One that is gone by now was taken away, or is past its time.
        if gathering.reaches(before)
            && let Some(view) = directory.view(&archive.name)?
            && from_file(directory, &*view, &archive.name, &mut gathering)? == More::Enough
        {
            break;
        }
    }
    Ok(gathering.page())
}

/// Offers the lines of one file, the last one first; those that nothing is known of, then those whose times are.
fn from_file(
    directory: &dyn Directory,
    view: &dyn View,
    name: &str,
    gathering: &mut Gathering<'_>,
) -> io::Result<More> {
    let times = if gathering.is_about_a_time() { Times::read(directory, name, view)? } else { None };
    let known = times.as_ref().map_or(0, Times::bytes);
    let more = from_part(view, name, known..view.len(), Order::Unknown, gathering)?;
    match times {
        Some(times) if more != More::Enough && gathering.may_be_among(&times) => {
            from_part(view, name, 0..known, Order::Within(times.disorder()), gathering)
        }
        _ => Ok(more),
    }
}

/// Offers the lines of a part of a file, the last one first.
fn from_part(
    view: &dyn View,
    name: &str,
    part: Range<u64>,
    order: Order,
    gathering: &mut Gathering<'_>,
) -> io::Result<More> {
    let mut lines = Backward::of(view, part, |line| gathering.is_past(line, order))?;
    let mut damaged = 0_u64;
    let mut more = More::Wanted;
    while more == More::Wanted
        && let Some(line) = lines.next()?
    {
        more = gathering.offer_line(&line, order).unwrap_or_else(|_| {
            damaged += 1;
            More::Wanted
        });
    }
    if damaged > 0 {
        tracing::warn!(file = %name, lines = damaged, "passed over lines of the audit log that cannot be read");
    }
    Ok(more)
}

#[cfg(test)]
mod tests;
