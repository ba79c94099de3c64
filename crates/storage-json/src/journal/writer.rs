//! Writes the journal: groups of units, each group synced once.

use std::io::{self, Write};
use std::sync::Arc;

use thiserror::Error;

use super::line::{Kind, Line};
use super::replay::Replayed;
use super::segment::{self, Header, SealedSegment};
use crate::disk::{Disk, DiskFile};

/// The end of the journal, where units are added.
pub(crate) struct Journal {
    disk: Arc<dyn Disk>,
    /// The segment that takes the next group. `None` after a seal or a failure: then the next group begins
    /// a fresh one.
    current: Option<OpenSegment>,
    /// Segments that are written no more and not yet let go, oldest first.
    sealed: Vec<SealedSegment>,
    /// The number of the next unit.
    next: u64,
    /// The last number that is known to be on disk.
    durable: u64,
}

struct OpenSegment {
    file: Box<dyn DiskFile>,
    /// As it would be if it were sealed now: `len` is where the last group that counts ends.
    extent: SealedSegment,
    /// Up to here there is something in the file already: the lines, and then the [preallocation](Self::preallocate).
    prepared: u64,
}

/// The longest preallocation.
const MAX_PREALLOCATION: u64 = 1 << 20;

/// Lines that will be written and synced together.
#[derive(Debug)]
pub(crate) struct Group {
    bytes: Vec<u8>,
    /// The number of the next line.
    next: u64,
    /// What was durable when the group was begun.
    durable: u64,
}

impl Group {
    /// Adds a unit, as JSON.
    pub(crate) fn add(&mut self, body: &[u8]) {
        Line { kind: Kind::Unit, number: self.next, durable: self.durable, body }.encode(&mut self.bytes);
        self.next += 1;
    }

    /// Bytes.
    pub(crate) const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether no unit was added.
    pub(crate) const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// Why a group was not made durable.
#[derive(Debug, Error)]
pub(crate) enum AppendError {
    /// Nothing of the group is on disk, now or after a restart.
    #[error("the journal could not be written")]
    Refused(#[source] io::Error),
    /// Any part of it may be.
    #[error("the journal could not be synced")]
    Unknown(#[source] io::Error),
}

/// What a seal closed off.
#[derive(Debug)]
pub(crate) struct Sealed {
    /// Every number up to this one is either in the segments below, in an earlier projection, or dead.
    pub(crate) through: u64,
    /// Oldest first.
    pub(crate) segments: Vec<SealedSegment>,
}

impl Journal {
    /// Goes on where the replay ended, in a fresh segment.
    pub(crate) fn new(disk: Arc<dyn Disk>, replayed: Replayed) -> Self {
        Self {
            disk,
            current: None,
            next: replayed.next,
            durable: replayed.last,
            // One that holds nothing yet will be begun again under the same name.
            sealed: replayed.segments.into_iter().filter(|segment| segment.first < replayed.next).collect(),
        }
    }

    /// The number of the next unit.
    pub(crate) const fn next(&self) -> u64 {
        self.next
    }

    /// An empty group, whose numbers follow on what is durable.
    pub(crate) const fn group(&self) -> Group {
        Group { bytes: Vec::new(), next: self.next, durable: self.durable }
    }

    /// Writes and syncs a group.
    ///
    /// # Errors
    /// [`AppendError::Refused`] if none of it was kept, [`AppendError::Unknown`] if that cannot be known.
    /// Either way the next group may be tried.
    pub(crate) fn append(&mut self, group: &Group) -> Result<(), AppendError> {
        let mut segment = match self.current.take() {
            Some(segment) => segment,
            None => self.fresh_segment().map_err(AppendError::Refused)?,
        };
        match segment.append(group) {
            Ok(()) => {
                self.durable = group.next - 1;
                self.next = group.next;
                self.current = Some(segment);
                Ok(())
            }
            Err(AppendError::Refused(error)) => {
                self.current = Some(segment);
                Err(AppendError::Refused(error))
            }
            Err(AppendError::Unknown(error)) => {
                // The file is not trusted again, nor are its numbers: a fresh segment says that they are dead.
                self.next = group.next;
                self.sealed.push(segment.extent);
                Err(AppendError::Unknown(error))
            }
        }
    }

    /// Ends the current segment, so that projections can take in all there is.
    pub(crate) fn seal(&mut self) -> Sealed {
        let used = self.current.take_if(|segment| segment.extent.last >= segment.extent.first);
        self.sealed.extend(used.map(|segment| segment.extent));
        Sealed { through: self.next - 1, segments: self.sealed.clone() }
    }

    /// Forgets the segments whose numbers all are at most `through`; the caller removes the files.
    pub(crate) fn remove_through(&mut self, through: u64) {
        self.sealed.retain(|segment| segment.first > through);
    }

    /// Bytes of all segments that are still needed.
    pub(crate) fn len(&self) -> u64 {
        let current = self.current.iter().map(|segment| segment.extent.len);
        self.sealed.iter().map(|segment| segment.len).chain(current).sum()
    }

    fn fresh_segment(&self) -> io::Result<OpenSegment> {
        let name = segment::name(self.next);
        let header = Header::new(self.next, self.durable).encode();
        let mut file = self.disk.create(&name)?;
        file.write_all(&header)?;
        file.sync()?;
        self.disk.sync_folder()?;
        let len = header.len() as u64;
        let extent = SealedSegment { name, first: self.next, last: self.next - 1, len };
        Ok(OpenSegment { file, extent, prepared: len })
    }
}

impl OpenSegment {
    fn append(&mut self, group: &Group) -> Result<(), AppendError> {
        if let Err(error) = self.file.write_all(&group.bytes) {
            self.prepared = self.extent.len;
            // What was written in part must not come back after a restart, so the cut is synced too.
            return match self.file.truncate(self.extent.len).and_then(|()| self.file.sync()) {
                Ok(()) => Err(AppendError::Refused(error)),
                Err(cause) => Err(AppendError::Unknown(cause)),
            };
        }
        let len = self.extent.len + group.bytes.len() as u64;
        if len > self.prepared {
            self.preallocate(len);
        }
        self.file.sync().map_err(AppendError::Unknown)?;
        self.extent.len = len;
        self.extent.last = group.next - 1;
        Ok(())
    }

    /// Puts zeros after a group that is about to be synced, for the next ones to be written over: their syncs
    /// then wait for one write instead of several, because neither the file's length nor its blocks change.
    /// There are never more zeros than there are lines.
    fn preallocate(&mut self, end: u64) {
        let preallocation = end.min(MAX_PREALLOCATION);
        // It is a matter of speed only: where there is no room for one, groups lengthen the file.
        self.prepared = if self.file.prepare(preallocation).is_ok() { end + preallocation } else { end };
    }
}
