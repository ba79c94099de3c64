//! When and how the log is rotated.

use std::io;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::AuditFile;
use crate::audit_log::{AUDIT_FILE, Archive, Times, archives, name_of_times};
use crate::disk::{Directory, Disk};
use crate::settings::AuditRotation;

/// How much is read for the first line.
const HEAD: usize = 1 << 13;

/// The relevant part of the first line.
#[derive(Deserialize)]
struct Began {
    at: Timestamp,
}

impl AuditFile {
    /// Whether a rotation is due. Only a complete file is rotated.
    pub(crate) fn is_due(&self, rotation: &AuditRotation, now: Timestamp) -> bool {
        let is_old = |most| self.began.is_some_and(|began| now.duration_since(began) >= most);
        let is_large = rotation.max_bytes.is_some_and(|most| self.len >= most.get());
        let most = rotation.max_age.and_then(|most| SignedDuration::try_from(most).ok());
        self.can_be_rotated() && (is_large || most.is_some_and(is_old))
    }

    /// After an error, a file may be longer than its valid part; appending the next line corrects that.
    const fn can_be_rotated(&self) -> bool {
        self.len > 0 && !self.is_torn
    }

    /// Renames the file to the archive of all numbers up to `through`, which every projection includes. Does nothing
    /// if the file is empty or not known to be complete.
    ///
    /// The order makes this safe: the content of the file is synced first, and a new file is created only after the
    /// new name is durable. So after a power cut either the name has not changed, or the archive is complete and
    /// shows that `audit.ndjson` is newer than the file that `audit_bytes` in the users file refers to.
    ///
    /// # Errors
    /// I/O errors. The next call first does what must precede a new file.
    pub(crate) fn rotate(&mut self, disk: &dyn Disk, through: u64) -> io::Result<()> {
        if !self.can_be_rotated() {
            return Ok(());
        }
        let archive = Archive::new(through.max(self.sequence));
        if disk.identity(&archive.name)?.is_some() {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, archive.name));
        }
        disk.rename(AUDIT_FILE, &archive.name)?;
        if let Err(error) = disk.rename(&name_of_times(AUDIT_FILE), &name_of_times(&archive.name)) {
            tracing::debug!(%error, "the archive of the audit log has no times beside it yet");
        }
        (self.len, self.began, self.sequence) = (0, None, archive.through);
        self.times = Times::default();
        (self.is_name_synced, self.is_rotation_synced) = (false, false);
        self.sync_rotation(disk)?;
        tracing::info!(file = %archive.name, "rotated the audit log");
        Ok(())
    }

    /// Must be done before a new file is created.
    pub(super) fn sync_rotation(&mut self, disk: &dyn Disk) -> io::Result<()> {
        if !self.is_rotation_synced {
            disk.sync_folder()?;
            self.is_rotation_synced = true;
        }
        Ok(())
    }

    /// The time of the first record, if its line can be read.
    pub(super) fn look_at_head(directory: &dyn Directory) -> io::Result<Option<Timestamp>> {
        let Some(view) = directory.view(AUDIT_FILE)? else { return Ok(None) };
        let mut head = vec![0; HEAD];
        let len = view.read_at(0, &mut head)?;
        let line = head[..len].split(|byte| *byte == b'\n').next().unwrap_or_default();
        Ok(serde_json::from_slice::<Began>(line).ok().map(|first| first.at))
    }
}

/// Removes the oldest archives, so that at most `keep` are left.
///
/// # Errors
/// I/O errors; the next rotation retries.
pub(crate) fn remove_oldest_archives(disk: &dyn Disk, keep: usize) -> io::Result<()> {
    let archives = archives(disk)?;
    let gone = archives.len().saturating_sub(keep);
    for archive in &archives[..gone] {
        disk.remove(&archive.name)?;
        disk.remove(&name_of_times(&archive.name))?;
        tracing::info!(file = %archive.name, "removed an archive of the audit log, because of audit.keep");
    }
    Ok(())
}
