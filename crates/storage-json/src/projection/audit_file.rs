//! audit.ndjson: one audit record per line, appended.

pub(super) mod rotation;

use std::io::{self, BufRead, BufReader, Write};

use jiff::Timestamp;
use roster_domain::AuditRecord;
use serde::{Deserialize, Serialize};

use super::document::LAST_NUMBER;
use super::error::ProjectionError;
use crate::audit_log::{AUDIT_FILE, Times, archives};
use crate::committer::Checkpoint;
use crate::disk::Disk;

/// How much is collected before it is written.
const CHUNK: usize = 1 << 16;

/// The end of the audit log.
#[derive(Debug)]
pub(crate) struct AuditFile {
    /// The synced bytes.
    len: u64,
    /// The last number that it includes.
    sequence: u64,
    /// Whether a write failed, so that an incomplete line may follow `len`.
    is_torn: bool,
    /// Whether the file name is known to survive a power cut.
    is_name_synced: bool,
    /// The same for the new name of the previous file. Until it is, no file may be created under the old name.
    is_rotation_synced: bool,
    /// The time of the first record, if any.
    began: Option<Timestamp>,
    /// The times of the records that were read.
    times: Times,
}

/// What to do about lines after the synced ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tail {
    /// Read them; an incomplete line at the end is removed.
    Kept,
    /// Remove them: their sync may have failed, and they are still in the journal.
    Rewritten,
}

/// A line of the audit log.
#[derive(Serialize, Deserialize)]
pub(crate) struct AuditLine<R> {
    pub(crate) sequence: u64,
    #[serde(flatten)]
    pub(crate) record: R,
}

/// The relevant part of a line when the file is opened.
#[derive(Deserialize)]
struct SequencePart {
    sequence: u64,
}

impl AuditFile {
    /// Opens the log at start. Its first `from` bytes are synced and include everything up to `sequence`.
    pub(crate) fn open(disk: &dyn Disk, from: u64, sequence: u64, tail: Tail) -> io::Result<Self> {
        let found = disk.identity(AUDIT_FILE)?.map_or(0, |file| file.len);
        let archived = archives(disk)?.last().map_or(0, |archive| archive.through);
        // The log was rotated after the caller's snapshot: `from` is an offset in a file that is an archive now.
        let from = if archived > 0 && archived >= sequence { 0 } else { from };
        // The file is shorter than expected: an operator has moved lines to an archive, which is allowed.
        let is_rotated = found < from;
        let len = if is_rotated { 0 } else { from };
        let mut file = Self {
            len,
            sequence: sequence.max(archived),
            is_torn: false,
            is_name_synced: false,
            is_rotation_synced: true,
            began: Self::look_at_head(disk)?,
            times: kept_times(disk)?,
        };
        if tail == Tail::Kept {
            file.look_at_tail(disk, u64::MAX)?;
        } else if is_rotated {
            file.look_at_tail(disk, sequence)?;
        }
        file.is_torn = file.len < found;
        Ok(file)
    }

    /// The synced bytes.
    pub(crate) const fn len(&self) -> u64 {
        self.len
    }

    /// The last number that it includes.
    pub(crate) const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Appends the records of the checkpoint that it does not include yet, and syncs.
    ///
    /// # Errors
    /// [`ProjectionError`]; the next call starts where this one did.
    pub(crate) fn extend(&mut self, disk: &dyn Disk, checkpoint: &Checkpoint) -> Result<(), ProjectionError> {
        let last = checkpoint.sealed.segments.last().map_or(0, |segment| segment.last);
        if last <= self.sequence {
            return Ok(());
        }
        let mut write = || {
            let mut out = self.begin(disk)?;
            for (number, record) in checkpoint.state.audit.after(self.sequence) {
                write_line(&mut out, number, record)?;
            }
            self.finish(disk, out, last)
        };
        write().map_err(ProjectionError::io(AUDIT_FILE))
    }

    /// Appends one record that is in no segment, and syncs.
    ///
    /// # Errors
    /// [`ProjectionError`], if the file cannot be written.
    pub(crate) fn add(
        &mut self,
        disk: &dyn Disk,
        sequence: u64,
        record: &AuditRecord,
    ) -> Result<(), ProjectionError> {
        let mut write = || {
            let mut out = self.begin(disk)?;
            write_line(&mut out, sequence, record)?;
            self.finish(disk, out, sequence)
        };
        write().map_err(ProjectionError::io(AUDIT_FILE))
    }

    /// Opens the file at the end of the valid part.
    fn begin(&mut self, disk: &dyn Disk) -> io::Result<Appending> {
        self.sync_rotation(disk)?;
        let found = disk.identity(AUDIT_FILE)?.map(|file| file.len);
        let mut file = disk.append(AUDIT_FILE)?;
        self.is_name_synced &= found.is_some();
        if !self.is_name_synced {
            disk.sync_folder()?;
            self.is_name_synced = true;
        }
        if self.is_torn && found.is_some_and(|len| len > self.len) {
            file.truncate(self.len)?;
        }
        // An operator may have rotated the file or appended to it; its current content counts.
        self.len = found.map_or(0, |len| if self.is_torn { len.min(self.len) } else { len });
        self.is_torn = true;
        if self.len == 0 {
            self.began = None;
        }
        let times = self.times.through(disk, AUDIT_FILE, self.len)?;
        Ok(Appending { file, buffer: Vec::with_capacity(CHUNK), written: 0, began: self.began, times })
    }

    fn finish(&mut self, disk: &dyn Disk, mut out: Appending, sequence: u64) -> io::Result<()> {
        out.pass_on()?;
        out.file.sync()?;
        self.len += out.written;
        self.sequence = sequence;
        self.is_torn = false;
        self.began = out.began;
        self.times = out.times.unwrap_or_default();
        if let Some(times) = out.times
            && let Err(error) = times.keep(disk, AUDIT_FILE)
        {
            tracing::warn!(%error, "cannot keep the times of the audit log beside it; searches by time take longer");
        }
        Ok(())
    }

    /// Includes the complete lines that are numbered up to `most`.
    fn look_at_tail(&mut self, disk: &dyn Disk, most: u64) -> io::Result<()> {
        if disk.identity(AUDIT_FILE)?.is_none() {
            return Ok(());
        }
        let mut lines = BufReader::with_capacity(CHUNK, disk.read(AUDIT_FILE, self.len)?);
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line)? > 0 {
            // A line is complete if it ends with a newline; a line that is not Roster's has no number.
            let Ok(found) = serde_json::from_slice::<SequencePart>(&line) else { break };
            if !line.ends_with(b"\n") || found.sequence > most {
                break;
            }
            if found.sequence <= LAST_NUMBER {
                self.sequence = self.sequence.max(found.sequence);
            }
            self.len += line.len() as u64;
            line.clear();
        }
        Ok(())
    }
}

/// The time bounds that are kept beside the file; empty if they belong to another file.
fn kept_times(disk: &dyn Disk) -> io::Result<Times> {
    let Some(view) = disk.view(AUDIT_FILE)? else { return Ok(Times::default()) };
    Ok(Times::read(disk, AUDIT_FILE, &*view)?.unwrap_or_default())
}

/// The file while lines are appended.
struct Appending {
    file: Box<dyn crate::disk::DiskFile>,
    buffer: Vec<u8>,
    /// The bytes written.
    written: u64,
    /// The time of the first record of the file.
    began: Option<Timestamp>,
    /// The times of all its records; `None` if the existing content did not end with a complete line.
    times: Option<Times>,
}

impl Appending {
    fn pass_on(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

fn write_line(out: &mut Appending, sequence: u64, record: &AuditRecord) -> io::Result<()> {
    out.began.get_or_insert(record.at);
    let before = out.buffer.len();
    serde_json::to_writer(&mut out.buffer, &AuditLine { sequence, record })?;
    out.buffer.push(b'\n');
    if let Some(times) = &mut out.times {
        times.add(sequence, record.at, (out.buffer.len() - before) as u64);
    }
    if out.buffer.len() > CHUNK { out.pass_on() } else { Ok(()) }
}
