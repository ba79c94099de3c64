//! Reads the journal at start.
//!
//! There are three kinds of damage. A *torn tail* is left by a power cut during a write that was never acknowledged;
//! it is dropped with a warning. A *damaged line* that was acknowledged and a *gap* in the numbers mean that data is
//! lost: the start fails and says where.

use std::error::Error;
use std::io;

use thiserror::Error;

use super::reader::{SegmentReader, Step};
use super::segment::{self, Header, SealedSegment};
use crate::disk::Disk;

/// The content of the journal.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Replayed {
    /// Every segment, oldest first.
    pub(crate) segments: Vec<SealedSegment>,
    /// The last valid number; that of the checkpoint if the journal has nothing after it.
    pub(crate) last: u64,
    /// The number for the next unit. It is greater than `last + 1` if units with higher numbers were discarded.
    pub(crate) next: u64,
    /// The number of units after the checkpoint.
    pub(crate) units: u64,
    /// Whether a segment has an older format version than the current one.
    pub(crate) is_older: bool,
}

/// Why the journal could not be read.
#[derive(Debug, Error)]
pub(crate) enum ReplayError {
    #[error("cannot read \"{file}\"")]
    Io { file: String, source: io::Error },
    #[error("\"{file}\", line {line}: {damage}")]
    Damaged { file: String, line: u64, damage: Damage },
}

/// What is wrong with the journal.
#[derive(Debug, Error)]
pub(crate) enum Damage {
    #[error("the segment has no readable first line")]
    Header,
    #[error("the segment has format version {0}")]
    Newer(u64),
    #[error("a unit that was acknowledged is damaged")]
    Corrupt,
    #[error("the units from number {expected} on are missing")]
    Gap { expected: u64 },
    #[error("a whole unit cannot be applied, as if written by a newer version")]
    Unit(#[source] ApplyError),
}

/// Why a complete unit could not be applied.
pub(crate) type ApplyError = Box<dyn Error + Send + Sync>;

/// Applies a unit, given its number and its JSON.
pub(crate) type Apply<'a> = dyn FnMut(u64, &[u8]) -> Result<(), ApplyError> + 'a;

/// Passes every unit after `checkpoint` to `apply`, in order.
///
/// # Errors
/// [`ReplayError`] at the first damage; the units before it were applied.
pub(crate) fn replay(
    disk: &dyn Disk,
    checkpoint: u64,
    apply: &mut Apply<'_>,
) -> Result<Replayed, ReplayError> {
    let names = segment_names(disk)?;
    let opened = open_all(disk, &names)?;
    let is_older = opened.iter().any(|(_, _, header)| header.version < segment::VERSION);
    let mut replayed = Replayed { last: checkpoint, is_older, ..Replayed::default() };
    let mut follows: Vec<u64> = opened.iter().map(|(_, _, header)| header.follows).collect();
    follows.push(u64::MAX);
    for (index, (name, reader, header)) in opened.into_iter().enumerate() {
        // Units that a later segment does not continue are discarded.
        let limit = follows[index + 1..].iter().copied().min().unwrap_or(u64::MAX);
        let mut one = OneSegment { name, header, limit, checkpoint };
        let sealed = one.replay(reader, &mut replayed, apply)?;
        replayed.segments.push(sealed);
    }
    // The name counts even if nothing in the file does: its number must not be given to another file.
    let spent = names.last().and_then(|name| segment::first_number(name)).unwrap_or(0);
    replayed.next = (replayed.last + 1).max(spent);
    Ok(replayed)
}

fn segment_names(disk: &dyn Disk) -> Result<Vec<String>, ReplayError> {
    let mut names =
        disk.names().map_err(|source| ReplayError::Io { file: "the data folder".into(), source })?;
    names.retain(|name| segment::first_number(name).is_some());
    names.sort_unstable();
    Ok(names)
}

type Opened = (String, SegmentReader, Header);

/// Opens every segment. A segment whose first line is incomplete is skipped if it is the last one and has no units:
/// the power was cut while it was created.
fn open_all(disk: &dyn Disk, names: &[String]) -> Result<Vec<Opened>, ReplayError> {
    let mut opened = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let failed = |source| ReplayError::Io { file: name.clone(), source };
        let (mut reader, header) = SegmentReader::open(disk, name).map_err(failed)?;
        match header {
            Some(Header { version, .. }) if !(1..=segment::VERSION).contains(&version) => {
                let damage = Damage::Newer(version);
                return Err(ReplayError::Damaged { file: name.clone(), line: 1, damage });
            }
            Some(header) if segment::first_number(name) == Some(header.first) => {
                opened.push((name.clone(), reader, header));
            }
            None if index + 1 == names.len() && !reader.later_line_counts_on(0).map_err(failed)? => {
                tracing::warn!(file = %name, "dropped a journal segment that was never finished");
            }
            _ => {
                return Err(ReplayError::Damaged { file: name.clone(), line: 1, damage: Damage::Header });
            }
        }
    }
    Ok(opened)
}

struct OneSegment {
    name: String,
    header: Header,
    /// Units above it are discarded.
    limit: u64,
    /// Units up to it are already in the projections.
    checkpoint: u64,
}

impl OneSegment {
    fn replay(
        &mut self,
        mut reader: SegmentReader,
        replayed: &mut Replayed,
        apply: &mut Apply<'_>,
    ) -> Result<SealedSegment, ReplayError> {
        if self.header.follows > replayed.last {
            return Err(self.damaged(1, Damage::Gap { expected: replayed.last + 1 }));
        }
        let Header { first, .. } = self.header;
        let mut sealed = SealedSegment {
            name: self.name.clone(),
            first,
            last: first.saturating_sub(1),
            len: reader.len(),
        };
        while sealed.last < self.limit {
            let line = reader.line() + 1;
            match reader.step().map_err(|source| ReplayError::Io { file: self.name.clone(), source })? {
                Step::Unit { number, body } => {
                    sealed.last = number;
                    if number > self.checkpoint {
                        apply(number, body).map_err(|cause| self.damaged(line, Damage::Unit(cause)))?;
                        replayed.units += 1;
                    }
                }
                Step::Broken { line, lost } => {
                    self.broken(line, lost, sealed.last + 1)?;
                    break;
                }
                Step::End => break,
            }
            sealed.len = reader.len();
        }
        // A segment without units proves nothing: the number before its first may have been discarded.
        if sealed.last >= first {
            replayed.last = replayed.last.max(sealed.last);
        }
        Ok(sealed)
    }

    fn broken(&self, line: u64, lost: bool, number: u64) -> Result<(), ReplayError> {
        if number <= self.checkpoint {
            return Ok(());
        }
        if lost || self.limit < u64::MAX {
            return Err(self.damaged(line, Damage::Corrupt));
        }
        tracing::warn!(
            file = %self.name, line, number,
            "dropped the tail of a write that never finished and was never acknowledged"
        );
        Ok(())
    }

    fn damaged(&self, line: u64, damage: Damage) -> ReplayError {
        ReplayError::Damaged { file: self.name.clone(), line, damage }
    }
}
