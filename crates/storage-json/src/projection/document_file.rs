//! A document that is replaced atomically and checked for edits by other programs.

use std::io::{self, Write};

use super::document;
use super::error::ProjectionError;
use crate::disk::{Disk, FileIdentity, read_whole};

/// A document as it was last written or read by this process.
#[derive(Debug)]
pub(crate) struct DocumentFile {
    name: String,
    /// Its identity at that time; `None` if there was no file.
    known: Option<FileIdentity>,
    /// The last number that it includes.
    sequence: u64,
}

impl DocumentFile {
    /// The existing file, which was just read and includes everything up to `sequence`.
    pub(crate) fn open(disk: &dyn Disk, name: &str, sequence: u64) -> io::Result<Self> {
        Ok(Self { name: name.to_owned(), known: disk.identity(name)?, sequence })
    }

    /// The size in bytes.
    pub(crate) fn len(&self) -> u64 {
        self.known.map_or(0, |known| known.len)
    }

    /// Removes what a power cut left of a replacement.
    pub(crate) fn clear_leftovers(disk: &dyn Disk, name: &str, sequence: u64) -> io::Result<()> {
        disk.remove(&unfinished(name))?;
        let displaced = displaced(name);
        match read_whole(disk, &displaced)? {
            Some(content) if !document::is_genuine(&content) => keep_beside(disk, name, sequence),
            Some(_) => disk.remove(&displaced),
            None => Ok(()),
        }
    }

    /// Whether another program changed or removed it.
    pub(crate) fn was_edited(&mut self, disk: &dyn Disk) -> io::Result<bool> {
        let now = disk.identity(&self.name)?;
        if now == self.known {
            return Ok(false);
        }
        // The identity can be wrong, for example after a restored timestamp or a copy: the content decides.
        let same = read_whole(disk, &self.name)?.is_some_and(|content| self.wrote(&content));
        if same {
            self.known = now;
        }
        Ok(!same)
    }

    /// Replaces the file. If another program changed the old one, it is kept under another name.
    ///
    /// # Errors
    /// [`ProjectionError`], from the disk or from `content`, which writes the document.
    pub(super) fn replace(
        &mut self,
        disk: &dyn Disk,
        sequence: u64,
        content: &dyn Fn(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), ProjectionError> {
        let (unfinished, displaced) = (unfinished(&self.name), displaced(&self.name));
        Self::clear_leftovers(disk, &self.name, sequence).map_err(ProjectionError::io(&displaced))?;
        write_synced(disk, &unfinished, content).map_err(ProjectionError::io(&unfinished))?;
        self.swap_in(disk, &unfinished, &displaced, sequence).map_err(ProjectionError::io(&self.name))
    }

    fn swap_in(
        &mut self,
        disk: &dyn Disk,
        unfinished: &str,
        displaced: &str,
        sequence: u64,
    ) -> io::Result<()> {
        // From here on, `displaced` is either a complete file of ours or an operator's edit, never incomplete.
        disk.rename(unfinished, displaced)?;
        let expected = (self.known, self.sequence);
        if disk.identity(&self.name)?.is_some() {
            disk.exchange(displaced, &self.name)?;
        } else {
            disk.rename(displaced, &self.name)?;
        }
        (self.known, self.sequence) = (disk.identity(&self.name)?, sequence);
        disk.sync_folder()?;
        let old = Self { name: self.name.clone(), known: expected.0, sequence: expected.1 };
        old.settle(disk, displaced, sequence)
    }

    /// Removes the old file, unless it was edited.
    fn settle(&self, disk: &dyn Disk, displaced: &str, sequence: u64) -> io::Result<()> {
        let now = disk.identity(displaced)?;
        let is_ours = now == self.known
            || match read_whole(disk, displaced)? {
                Some(content) => self.wrote(&content),
                None => true,
            };
        if is_ours { disk.remove(displaced) } else { keep_beside(disk, &self.name, sequence) }
    }

    fn wrote(&self, content: &[u8]) -> bool {
        document::is_written_at(content, self.sequence)
    }
}

fn write_synced(
    disk: &dyn Disk,
    name: &str,
    content: &dyn Fn(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut file = disk.create(name)?;
    content(&mut file)?;
    file.sync()
}

fn unfinished(name: &str) -> String {
    format!("{name}.new")
}

fn displaced(name: &str) -> String {
    format!("{name}.swap")
}

/// Renames an edited file to a name that is not used otherwise.
fn keep_beside(disk: &dyn Disk, name: &str, sequence: u64) -> io::Result<()> {
    let mut kept = format!("{name}.edited-{sequence}");
    let mut copy = 1;
    while disk.identity(&kept)?.is_some() {
        copy += 1;
        kept = format!("{name}.edited-{sequence}-{copy}");
    }
    disk.rename(&displaced(name), &kept)?;
    disk.sync_folder()?;
    tracing::warn!(
        file = %name, %kept,
        "another program changed this file while Roster was running; the edit was not adopted and is kept beside it"
    );
    Ok(())
}
