//! The files for people and other programs, projected from the journal: `users.json`, `sessions.json` and
//! `audit.ndjson`.
//!
//! Each records the last number that it includes. They are written in a fixed order, users last, so none of them is
//! ever behind users.json. A journal segment is removed only after all files are synced.

mod archive_times;
mod audit_file;
mod document;
mod document_file;
mod error;
mod pieces;
mod sessions_document;
mod users_document;

use std::sync::Arc;

use roster_domain::{Action, Actor, AuditRecord};

use crate::committer::Checkpoint;
use crate::disk::Disk;
use crate::metrics::Counters;
use crate::settings::AuditRotation;

use archive_times::ArchivesWithoutTimes;
use audit_file::rotation::remove_oldest_archives;
pub(crate) use audit_file::{AuditFile, AuditLine, Tail};
pub(crate) use document::{LAST_NUMBER, ParseError, is_genuine};
pub(crate) use document_file::DocumentFile;
pub(crate) use error::ProjectionError;
pub(crate) use sessions_document::{ParsedSessions, SESSIONS_FILE, parse_sessions, write as write_sessions};
pub(crate) use users_document::{Parsed, newer_version, parse, write as write_users};

/// The files as they were left.
pub(crate) struct Files {
    pub(crate) users: DocumentFile,
    pub(crate) sessions: DocumentFile,
    pub(crate) audit: AuditFile,
}

/// All projections.
pub(crate) struct Projections {
    disk: Arc<dyn Disk>,
    files: Files,
    /// The last number that all files include and have synced.
    through: u64,
    counters: Arc<Counters>,
    /// When the audit log is rotated; `None` is never.
    rotation: Option<AuditRotation>,
    without_times: ArchivesWithoutTimes,
}

/// Whether the audit log is rotated with a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rotate {
    /// The snapshot continues the same file.
    No,
    /// The snapshot starts a new file.
    First,
}

impl Projections {
    /// Continues files that include everything up to `through`.
    pub(crate) fn new(disk: Arc<dyn Disk>, files: Files, through: u64, counters: Arc<Counters>) -> Self {
        counters.snapshot_bytes.set(files.users.len());
        Self { disk, files, through, counters, rotation: None, without_times: ArchivesWithoutTimes::new() }
    }

    /// Rotates the audit log from now on.
    pub(crate) fn with_rotation(self, rotation: Option<AuditRotation>) -> Self {
        Self { rotation, ..self }
    }

    /// The record of a rotation that is due, to be committed before the rotation.
    pub(crate) fn due_rotation(&self) -> Option<AuditRecord> {
        let rotation = self.rotation.as_ref()?;
        let (now, random) = (rotation.stamp)();
        self.files
            .audit
            .is_due(rotation, now)
            .then(|| AuditRecord::new(now, random, Actor::System, Action::AuditRotated))
    }

    /// The last number that all projections include.
    pub(crate) const fn through(&self) -> u64 {
        self.through
    }

    /// Reads one archive of the audit log whose times are unknown, if there is one.
    pub(crate) fn measure_an_archive(&mut self) {
        if let Err(error) = self.without_times.measure_one(&*self.disk) {
            tracing::warn!(%error, "cannot keep the times of an archive of the audit log; searches by time take longer");
        }
    }

    /// Whether another program changed the users file since it was written.
    pub(crate) fn was_edited(&mut self) -> bool {
        // A file that cannot be checked now is checked again later.
        self.files.users.was_edited(&*self.disk).unwrap_or(false)
    }

    /// Includes the checkpoint and then removes its segments.
    ///
    /// # Errors
    /// [`ProjectionError`]; then the segments stay, and the next checkpoint includes them.
    pub(crate) fn project(&mut self, checkpoint: &Checkpoint, rotate: Rotate) -> Result<(), ProjectionError> {
        if rotate == Rotate::First
            && let Err(error) = self.files.audit.rotate(&*self.disk, self.through)
        {
            tracing::warn!(%error, "cannot rotate the audit log; the next snapshot retries it");
        }
        let outcome = self.write(checkpoint);
        let counter =
            if outcome.is_ok() { &self.counters.snapshots } else { &self.counters.snapshot_failures };
        counter.add(1);
        outcome
    }

    fn write(&mut self, checkpoint: &Checkpoint) -> Result<(), ProjectionError> {
        let disk = &*self.disk;
        let through = checkpoint.sealed.through;
        let Files { users, sessions, audit } = &mut self.files;
        let state = &*checkpoint.state;
        audit.extend(disk, checkpoint)?;
        sessions.replace(disk, through, &|out| sessions_document::write(out, through, state))?;
        users.replace(disk, through, &|out| users_document::write(out, through, audit.len(), state))?;
        self.through = through;
        self.counters.snapshot_bytes.set(users.len());
        for segment in &checkpoint.sealed.segments {
            // A segment that stays is skipped at the next start and removed with the next snapshot.
            if let Err(error) = disk.remove(&segment.name) {
                tracing::warn!(file = %segment.name, %error, "cannot remove a journal segment");
            }
        }
        if let Some(keep) = self.rotation.as_ref().and_then(|rotation| rotation.keep)
            && let Err(error) = remove_oldest_archives(disk, keep.get())
        {
            tracing::warn!(%error, "cannot remove an archive of the audit log");
        }
        Ok(())
    }
}
