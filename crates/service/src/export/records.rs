//! Roster's own export as JSON.

use super::writer::UserWriter;
use roster_domain::{PasswordHash, User, UserField};
use roster_import::EXPORT_VERSION;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use std::io;
use std::sync::Arc;

/// Whether an export contains the password hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportHashes {
    /// No hashes.
    Omit,
    /// Each record has the hash as `password_hash`. Such a file allows guessing passwords offline.
    Include,
}

/// Fields that a record has if they are set. An import needs them to create the same user again.
const FIELDS_IF_SET: [UserField; 4] =
    [UserField::LoginAlias, UserField::DisabledAt, UserField::PendingReasons, UserField::MustChangePassword];

/// All fields, those that are only there if they are set at the end.
pub(super) fn exported_fields() -> impl Iterator<Item = UserField> {
    UserField::ALWAYS_SHOWN.into_iter().chain(FIELDS_IF_SET)
}

/// The field with the version of the record.
pub(super) const VERSION_FIELD: &str = "roster_export";

/// One object per line.
pub(super) struct NdjsonWriter(pub(super) ExportHashes);

/// An array.
pub(super) struct JsonWriter {
    hashes: ExportHashes,
    /// What comes before the next user.
    separator: &'static [u8],
}

/// A record of an export.
struct Record<'a> {
    user: &'a User,
    hashes: ExportHashes,
}

impl ExportHashes {
    /// The name of the field with the hash.
    pub const FIELD: &'static str = "password_hash";

    /// The hash of the user's password, if the export contains it.
    pub(super) fn of(self, user: &User) -> Option<&str> {
        match self {
            Self::Omit => None,
            Self::Include => user.credential.password_hash().map(PasswordHash::as_str),
        }
    }
}

impl UserWriter for NdjsonWriter {
    fn users(&mut self, users: &[Arc<User>]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        for user in users {
            serde_json::to_writer(&mut out, &Record { user, hashes: self.0 })?;
            out.push(b'\n');
        }
        Ok(out)
    }
}

impl JsonWriter {
    pub(super) const fn new(hashes: ExportHashes) -> Self {
        Self { hashes, separator: b"\n" }
    }
}

impl UserWriter for JsonWriter {
    fn begin(&mut self) -> io::Result<Vec<u8>> {
        Ok(b"[".to_vec())
    }

    fn users(&mut self, users: &[Arc<User>]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        for user in users {
            out.extend_from_slice(std::mem::replace(&mut self.separator, b",\n"));
            serde_json::to_writer(&mut out, &Record { user, hashes: self.hashes })?;
        }
        Ok(out)
    }

    fn end(&mut self) -> io::Result<Vec<u8>> {
        Ok(b"\n]\n".to_vec())
    }
}

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_map(None)?;
        for field in UserField::ALWAYS_SHOWN {
            record.serialize_entry(field.name(), &field.value(self.user))?;
        }
        let if_set = FIELDS_IF_SET.map(|field| (field, field.value(self.user)));
        for (field, value) in if_set.iter().filter(|(_, value)| !value.is_unset()) {
            record.serialize_entry(field.name(), value)?;
        }
        record.serialize_entry(VERSION_FIELD, &EXPORT_VERSION)?;
        if let Some(hash) = self.hashes.of(self.user) {
            record.serialize_entry(ExportHashes::FIELD, hash)?;
        }
        record.end()
    }
}
