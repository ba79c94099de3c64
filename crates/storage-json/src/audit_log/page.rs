//! One page of the audit log.

use std::io;
use std::ops::Range;

use roster_domain::{AuditPage, AuditQuery};

use super::backward::Backward;
use super::files::{AUDIT_FILE, archives};
use super::page_builder::{More, Order, PageBuilder};
use super::times::Times;
use crate::disk::{Directory, View};
use crate::state::AuditTail;

/// How many bytes of files one page reads at most.
const MAX_BYTES_READ: u64 = 64 << 20;

/// One page of the log.
///
/// # Errors
/// I/O errors. An invalid line is not an error; it is skipped with a warning.
pub(crate) fn page(directory: &dyn Directory, tail: &AuditTail, query: &AuditQuery) -> io::Result<AuditPage> {
    page_within(directory, tail, query, MAX_BYTES_READ)
}

fn page_within(
    directory: &dyn Directory,
    tail: &AuditTail,
    query: &AuditQuery,
    look: u64,
) -> io::Result<AuditPage> {
    let mut builder = PageBuilder::new(query, look);
    for (number, record) in tail.newest_first() {
        if builder.offer(number, record) == More::Enough {
            return Ok(builder.page());
        }
    }
    builder.at_most(tail.written());
    // The current file comes first: once it is open, a rotation cannot hide it.
    if let Some(view) = directory.view(AUDIT_FILE)?
        && from_file(directory, &*view, AUDIT_FILE, &mut builder)? == More::Enough
    {
        return Ok(builder.page());
    }
    let archives = archives(directory)?;
    let before = std::iter::once(0).chain(archives.iter().map(|archive| archive.through));
    for (archive, before) in archives.iter().zip(before.collect::<Vec<_>>()).rev() {
        // A file that no longer exists was moved away or deleted.
        if builder.reaches(before)
            && let Some(view) = directory.view(&archive.name)?
            && from_file(directory, &*view, &archive.name, &mut builder)? == More::Enough
        {
            break;
        }
    }
    Ok(builder.page())
}

/// Offers the lines of one file, last one first: first those outside the known bounds, then those within them.
fn from_file(
    directory: &dyn Directory,
    view: &dyn View,
    name: &str,
    builder: &mut PageBuilder<'_>,
) -> io::Result<More> {
    let times = if builder.is_about_a_time() { Times::read(directory, name, view)? } else { None };
    let known = times.as_ref().map_or(0, Times::bytes);
    let more = from_part(view, name, known..view.len(), Order::Unknown, builder)?;
    match times {
        Some(times) if more != More::Enough && builder.may_be_among(&times) => {
            from_part(view, name, 0..known, Order::Within(times.disorder()), builder)
        }
        _ => Ok(more),
    }
}

/// Offers the lines of a part of a file, last one first.
fn from_part(
    view: &dyn View,
    name: &str,
    part: Range<u64>,
    order: Order,
    builder: &mut PageBuilder<'_>,
) -> io::Result<More> {
    let mut lines = Backward::of(view, part, |line| builder.is_past(line, order))?;
    let mut damaged = 0_u64;
    let mut more = More::Wanted;
    while more == More::Wanted {
        if let Some(passed) = builder.needed_text().and_then(|text| lines.pass_over_without(text)) {
            more = builder.pass_over(&passed, order);
            continue;
        }
        let Some(line) = lines.next()? else { break };
        more = builder.offer_line(&line, order).unwrap_or_else(|_| {
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
