//! What the exports for other systems have in common: a list of records in a JSON document.

use super::super::left_out::{LeftOut, LeftOutCounts};
use super::super::records::{ExportHashes, exported_fields};
use super::super::writer::UserWriter;
use roster_domain::{User, UserField};
use serde_json::Value;
use std::io;
use std::sync::Arc;

/// Another system, and how it writes users.
pub(super) trait Peer: Send {
    /// The text before the first record.
    const OPENING: &'static str;

    /// The fields that its records have a place for, beside [`BOOKKEEPING`]. All others are left out and counted, also
    /// those that users get one day.
    const KEPT: &'static [UserField];

    /// Converts a user.
    fn convert(&mut self, user: &User, hash: Option<&str>) -> Converted;

    /// The text after the last record.
    fn closing(&self) -> String;
}

/// Fields that mean nothing elsewhere.
const BOOKKEEPING: [UserField; 2] = [UserField::UpdatedAt, UserField::Version];

/// What a peer makes of a user.
pub(super) struct Converted {
    /// Usually one; more if what the user refers to has a record of its own.
    pub(super) records: Vec<Value>,
    /// Fields that are usually kept, and left out for this user.
    pub(super) left_out: Vec<UserField>,
    /// Whether the hash was used, if there was one.
    pub(super) hash: HashUse,
}

/// What became of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HashUse {
    /// It is in the record, or there was none.
    Kept,
    /// The other system cannot verify it.
    LeftOut,
}

/// Writes the document of a peer.
pub(in super::super) struct PeerWriter<P> {
    peer: P,
    hashes: ExportHashes,
    /// What comes before the next record.
    separator: &'static [u8],
    left_out: LeftOutCounts,
}

impl HashUse {
    /// The use of `hash` that led to `converted`.
    pub(super) const fn of<T>(hash: Option<&str>, converted: Option<&T>) -> Self {
        if hash.is_some() && converted.is_none() { Self::LeftOut } else { Self::Kept }
    }
}

impl<P> PeerWriter<P> {
    pub(in super::super) fn new(peer: P, hashes: ExportHashes) -> Self {
        Self { peer, hashes, separator: b"\n", left_out: LeftOutCounts::default() }
    }
}

impl<P: Peer> UserWriter for PeerWriter<P> {
    fn begin(&mut self) -> io::Result<Vec<u8>> {
        Ok(P::OPENING.into())
    }

    fn users(&mut self, users: &[Arc<User>]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        for user in users {
            let converted = self.peer.convert(user, self.hashes.of(user));
            for record in &converted.records {
                out.extend_from_slice(std::mem::replace(&mut self.separator, b",\n"));
                serde_json::to_writer(&mut out, record)?;
            }
            let is_left_out = |field: &UserField| {
                converted.left_out.contains(field)
                    || !(P::KEPT.contains(field) || BOOKKEEPING.contains(field))
            };
            self.left_out.add_set(user, exported_fields().filter(is_left_out));
            if converted.hash == HashUse::LeftOut {
                self.left_out.add(ExportHashes::FIELD);
            }
        }
        Ok(out)
    }

    fn end(&mut self) -> io::Result<Vec<u8>> {
        Ok(format!("\n{}\n", self.peer.closing()).into())
    }

    fn left_out(&self) -> Vec<LeftOut> {
        self.left_out.all()
    }
}
