//! Reads a backup.

use crate::bounds::PrivateKeys;
use crate::error::BackupError;
use crate::keys::{PrivateKey, SigningKeys};
use crate::line::{BackupDetails, Contents, Line, RingLine};
use crate::lines::Lines;
use roster_domain::AuditPosition;
use roster_storage::StoredItem;
use std::fmt;
use std::io::Read;

/// One item of a backup.
#[derive(Debug)]
pub enum BackupItem {
    /// The signing keys. If present, they come first.
    Keys(SigningKeys),
    /// An item of the store.
    Stored(StoredItem),
}

/// Reads a backup. It blocks, and its memory does not grow with the file.
///
/// Do not trust any item before `None` was returned: until then it is unknown whether the file is complete. So call
/// [`verify`] first and then read the file a second time.
pub struct BackupReader<R: Read> {
    lines: Lines<R>,
    about: BackupDetails,
    /// The line after the private keys.
    ahead: Option<Line>,
    place: ReadPosition,
}

/// How far a backup has been read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ReadPosition {
    /// After the header. Only here the keys may follow.
    Header,
    /// After the first item.
    Items,
    /// At the end.
    End,
}

/// Reads and checks a whole backup, and returns what it contains.
///
/// # Errors
/// [`BackupError`], if it is not complete.
pub fn verify(backup: impl Read) -> Result<(BackupDetails, Contents), BackupError> {
    let mut reader = BackupReader::open(backup)?;
    while reader.next_item()?.is_some() {}
    Ok((reader.about.clone(), reader.lines.contents()))
}

impl<R: Read> BackupReader<R> {
    /// Starts to read a backup.
    ///
    /// # Errors
    /// [`BackupError`], if it does not start like a backup.
    pub fn open(backup: R) -> Result<Self, BackupError> {
        let mut lines = Lines::open(backup)?;
        let header = match lines.next()? {
            Line::Header(header) if header.is_ours() => header,
            _ => return Err(BackupError::damaged("its header does not match its first line")),
        };
        Ok(Self { lines, about: header.about, ahead: None, place: ReadPosition::Header })
    }

    /// When and by which version it was made.
    #[must_use]
    pub const fn about(&self) -> &BackupDetails {
        &self.about
    }

    /// The next item; `None` at the end, after everything was checked.
    ///
    /// # Errors
    /// [`BackupError`], if the file is not complete.
    pub fn next_item(&mut self) -> Result<Option<BackupItem>, BackupError> {
        if self.place == ReadPosition::End {
            return Ok(None);
        }
        let before = std::mem::replace(&mut self.place, ReadPosition::Items);
        let line = self.ahead.take().map_or_else(|| self.lines.next(), Ok)?;
        Ok(Some(match line {
            Line::KeyRing(ring) if before == ReadPosition::Header => BackupItem::Keys(self.keys(ring)?),
            Line::User(user) => BackupItem::Stored(StoredItem::User(user)),
            Line::ServiceAccount(account) => BackupItem::Stored(StoredItem::ServiceAccount(account)),
            Line::Session(session) => BackupItem::Stored(StoredItem::Session(session)),
            Line::Audit(audit) => {
                BackupItem::Stored(StoredItem::Audit(AuditPosition::from(audit.sequence), audit.record))
            }
            Line::Trailer(_) => {
                self.place = ReadPosition::End;
                return Ok(None);
            }
            Line::Header(_) | Line::KeyRing(_) | Line::PrivateKey(_) => {
                return Err(BackupError::damaged("a line is out of place"));
            }
        }))
    }

    fn keys(&mut self, RingLine { ring, audited }: RingLine) -> Result<SigningKeys, BackupError> {
        let mut private: Vec<PrivateKey> = Vec::new();
        let mut expected = PrivateKeys::of(&ring)?;
        loop {
            match self.lines.next()? {
                Line::PrivateKey(key) => {
                    expected.take(&key.kid, &key.pem)?;
                    private.push(key);
                }
                other => {
                    self.ahead = Some(other);
                    return Ok(SigningKeys { ring, audited, private });
                }
            }
        }
    }
}

impl<R: Read> fmt::Debug for BackupReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BackupReader").field("about", &self.about).finish_non_exhaustive()
    }
}
