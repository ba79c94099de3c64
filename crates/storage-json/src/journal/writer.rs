//! Writes the journal: groups of units, each group synced once.

use std::io::{self, Write};
use std::sync::Arc;

use thiserror::Error;

use super::line::{AROUND_BODY, Kind, Line};
use super::replay::Replayed;
use super::segment::{self, Header, SealedSegment};
use crate::disk::{Disk, DiskFile};

/// The end of the journal, where units are appended.
pub(crate) struct Journal {
    disk: Arc<dyn Disk>,
    /// The segment for the next group. `None` after a seal or an error: then the next group starts a new one.
    current: Option<OpenSegment>,
    /// Segments that are no longer written to but not yet removed, oldest first.
    sealed: Vec<SealedSegment>,
    /// The number of the next unit.
    next: u64,
    /// The last number that is known to be on disk.
    durable: u64,
}

struct OpenSegment {
    file: Box<dyn DiskFile>,
    /// As if it were sealed now: `len` is the end of the last valid group.
    extent: SealedSegment,
    /// The end of the written part of the file: the lines, followed by the [preallocation](Self::preallocate).
    prepared: u64,
}

/// The maximum preallocation.
const MAX_PREALLOCATION: u64 = 1 << 20;

/// Lines that are written and synced together.
#[derive(Debug)]
pub(crate) struct Group {
    bytes: Vec<u8>,
    /// The number of the next line.
    next: u64,
    /// The last durable number when the group was started.
    durable: u64,
}

impl Group {
    /// Adds a unit as JSON.
    pub(crate) fn add(&mut self, body: &[u8]) {
        Line { kind: Kind::Unit, number: self.next, durable: self.durable, body }.encode(&mut self.bytes);
        self.next += 1;
    }

    /// The size in bytes.
    pub(crate) const fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether the group has no units.
    pub(crate) const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// Why a group is not durable.
#[derive(Debug, Error)]
pub(crate) enum AppendError {
    /// Nothing of the group is on disk, now or after a restart.
    #[error("the journal could not be written")]
    NotWritten(#[source] io::Error),
    /// Any part of it may be on disk.
    #[error("the journal could not be synced")]
    Unknown(#[source] io::Error),
}

/// The result of sealing a segment.
#[derive(Debug)]
pub(crate) struct Sealed {
    /// Every number up to this one is in the segments below, in an earlier projection, or discarded.
    pub(crate) through: u64,
    /// Oldest first.
    pub(crate) segments: Vec<SealedSegment>,
}

impl Journal {
    /// Continues after a replay, in a new segment.
    pub(crate) fn new(disk: Arc<dyn Disk>, replayed: Replayed) -> Self {
        Self {
            disk,
            current: None,
            next: replayed.next,
            durable: replayed.last,
            // An empty segment is started again under the same name.
            sealed: replayed.segments.into_iter().filter(|segment| segment.first < replayed.next).collect(),
        }
    }

    /// The number of the next unit.
    pub(crate) const fn next(&self) -> u64 {
        self.next
    }

    /// An empty group whose numbers follow the durable ones, with room for bodies of these lengths.
    pub(crate) fn group(&self, lengths: impl Iterator<Item = usize>) -> Group {
        let room = lengths.map(|length| length + AROUND_BODY).sum();
        Group { bytes: Vec::with_capacity(room), next: self.next, durable: self.durable }
    }

    /// Writes and syncs a group.
    ///
    /// # Errors
    /// [`AppendError::NotWritten`] if none of it was kept, [`AppendError::Unknown`] if that is unknown. Either way the
    /// next group can be tried.
    pub(crate) fn append(&mut self, group: &Group) -> Result<(), AppendError> {
        let mut segment = match self.current.take() {
            Some(segment) => segment,
            None => self.fresh_segment().map_err(AppendError::NotWritten)?,
        };
        match segment.append(group) {
            Ok(()) => {
                self.durable = group.next - 1;
                self.next = group.next;
                self.current = Some(segment);
                Ok(())
            }
            Err(AppendError::NotWritten(error)) => {
                self.current = Some(segment);
                Err(AppendError::NotWritten(error))
            }
            Err(AppendError::Unknown(error)) => {
                // The file and its numbers are no longer trusted: a new segment discards them.
                self.next = group.next;
                self.sealed.push(segment.extent);
                Err(AppendError::Unknown(error))
            }
        }
    }

    /// Ends the current segment, so that projections can include all units.
    pub(crate) fn seal(&mut self) -> Sealed {
        let used = self.current.take_if(|segment| segment.extent.last >= segment.extent.first);
        self.sealed.extend(used.map(|segment| segment.extent));
        Sealed { through: self.next - 1, segments: self.sealed.clone() }
    }

    /// Forgets the segments whose numbers are at most `through`; the caller removes the files.
    pub(crate) fn remove_through(&mut self, through: u64) {
        self.sealed.retain(|segment| segment.first > through);
    }

    /// The total bytes of all segments that are still needed.
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
            // A partial write must not come back after a restart, so the truncation is synced too.
            return match self.file.truncate(self.extent.len).and_then(|()| self.file.sync()) {
                Ok(()) => Err(AppendError::NotWritten(error)),
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

    /// Writes zeros after a group that is about to be synced, to be overwritten by the next groups. Their syncs then
    /// wait for one write instead of several, because neither the length of the file nor its blocks change. There
    /// are never more zeros than there are lines.
    fn preallocate(&mut self, end: u64) {
        let preallocation = end.min(MAX_PREALLOCATION);
        // This only affects speed: without room for zeros, groups extend the file.
        self.prepared = if self.file.prepare(preallocation).is_ok() { end + preallocation } else { end };
    }
}
