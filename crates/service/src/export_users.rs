//! Exports all users.

use crate::{Call, Error, Roster};
use async_trait::async_trait;
use roster_domain::{Limit, PasswordHash, Permission, User, UserField, UserQuery, policy};
use roster_import::EXPORT_VERSION;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use std::io;
use thiserror::Error as ThisError;

/// The format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// One JSON object per line.
    Ndjson,
    /// One JSON array.
    Json,
    /// Comma-separated values (RFC 4180) with a header row, for spreadsheets. Roles are separated by spaces, attributes
    /// are JSON. An apostrophe protects cells that a spreadsheet would run as a formula: those that begin with `=`, `+`,
    /// `-`, `@`, a tab or a line break (OWASP, CSV Injection). The other formats are exact, so use them for programs.
    Csv,
}

/// Whether an export contains the password hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportHashes {
    /// No hashes.
    Omit,
    /// Each record has the hash as `password_hash`. Such a file allows guessing passwords offline.
    Include,
}

/// Why an export ended early.
#[derive(Debug, ThisError)]
pub enum ExportError {
    /// The caller may not export, or the store failed.
    #[error(transparent)]
    Roster(#[from] Error),
    /// The sink failed.
    #[error("the export cannot be written")]
    Write(#[from] io::Error),
}

/// Fields that a record has if they are set. An import needs them to create the same user again.
const FIELDS_IF_SET: [UserField; 4] =
    [UserField::LoginAlias, UserField::DisabledAt, UserField::PendingReasons, UserField::MustChangePassword];

/// A record of an export.
struct ExportedUser<'a> {
    user: &'a User,
    hashes: ExportHashes,
}

/// Receives an export, a page at a time.
#[async_trait]
pub trait ExportSink: Send {
    /// Writes the next page. The export waits until it is written.
    ///
    /// # Errors
    /// If the page cannot be written. The export ends with this error.
    async fn write(&mut self, bytes: Vec<u8>) -> io::Result<()>;
}

#[async_trait]
impl ExportSink for Vec<u8> {
    async fn write(&mut self, mut bytes: Vec<u8>) -> io::Result<()> {
        self.append(&mut bytes);
        Ok(())
    }
}

impl Roster {
    /// Writes all users in the order of their creation, a page at a time, and returns how many. A user who is created or
    /// deleted during the export may be missing; every other user is exported once.
    ///
    /// The caller needs `users:read`; with hashes, every permission.
    ///
    /// # Errors
    /// [`ExportError`]. The export is then incomplete.
    pub async fn export_users(
        &self,
        call: &Call,
        format: ExportFormat,
        hashes: ExportHashes,
        out: &mut dyn ExportSink,
    ) -> Result<usize, ExportError> {
        may_export(call, hashes)?;
        let limit = Limit::new(Limit::MAX.into()).unwrap_or_default();
        let mut query = UserQuery { limit, ..UserQuery::default() };
        let mut count = 0;
        out.write(opening(format, hashes)?).await?;
        loop {
            let page = self.store().users(&query).await.map_err(Error::from)?;
            let users: Vec<_> = page.items.iter().map(|user| ExportedUser { user, hashes }).collect();
            out.write(encode(&users, format, count == 0)?).await?;
            count += users.len();
            let Some(next) = page.next else { break };
            query.after = Some(next);
        }
        if format == ExportFormat::Json {
            out.write(b"\n]\n".to_vec()).await?;
        }
        Ok(count)
    }
}

fn may_export(call: &Call, hashes: ExportHashes) -> Result<(), Error> {
    policy::require(&call.principal, Permission::UsersRead)?;
    if hashes == ExportHashes::Include {
        for permission in Permission::ALL {
            policy::require(&call.principal, permission)?;
        }
    }
    Ok(())
}

/// The bytes before the first user.
fn opening(format: ExportFormat, hashes: ExportHashes) -> io::Result<Vec<u8>> {
    match format {
        ExportFormat::Ndjson => Ok(Vec::new()),
        ExportFormat::Json => Ok(b"[".to_vec()),
        ExportFormat::Csv => table(std::iter::once(columns(hashes).map(str::to_owned))),
    }
}

/// The names of the columns of a table.
fn columns(hashes: ExportHashes) -> impl Iterator<Item = &'static str> {
    let fields = UserField::ALWAYS_SHOWN.into_iter().chain(FIELDS_IF_SET).map(UserField::name);
    let hash = (hashes == ExportHashes::Include).then_some(HASH_COLUMN);
    fields.chain([VERSION_COLUMN]).chain(hash)
}

/// The column with the version of the record.
const VERSION_COLUMN: &str = "roster_export";

/// The column with the password hash.
const HASH_COLUMN: &str = "password_hash";

/// A page of users. The first user of an export has no separator before it.
fn encode(users: &[ExportedUser<'_>], format: ExportFormat, first: bool) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    match format {
        ExportFormat::Csv => return table(users.iter().map(ExportedUser::cells)),
        ExportFormat::Ndjson => {
            for user in users {
                serde_json::to_writer(&mut out, user)?;
                out.push(b'\n');
            }
        }
        ExportFormat::Json => {
            for (index, user) in users.iter().enumerate() {
                out.extend_from_slice(if first && index == 0 { b"\n" } else { b",\n" });
                serde_json::to_writer(&mut out, user)?;
            }
        }
    }
    Ok(out)
}

fn table(rows: impl Iterator<Item = impl IntoIterator<Item = String>>) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.into_iter().map(escape_formula))?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

/// Escapes a cell that a spreadsheet would run as a formula.
fn escape_formula(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}") } else { cell }
}

impl<'a> ExportedUser<'a> {
    fn password_hash(&self) -> Option<&'a str> {
        match self.hashes {
            ExportHashes::Omit => None,
            ExportHashes::Include => self.user.credential.password_hash().map(PasswordHash::as_str),
        }
    }

    /// A row of the table, in the order of [`columns`].
    fn cells(&self) -> Vec<String> {
        let fields = UserField::ALWAYS_SHOWN.into_iter().chain(FIELDS_IF_SET);
        let texts = fields.map(|field| field.value(self.user).to_text(" ").unwrap_or_default());
        let mut cells: Vec<_> = texts.chain([EXPORT_VERSION.to_string()]).collect();
        if self.hashes == ExportHashes::Include {
            cells.push(self.password_hash().unwrap_or_default().to_owned());
        }
        cells
    }
}

impl Serialize for ExportedUser<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_map(None)?;
        for field in UserField::ALWAYS_SHOWN {
            record.serialize_entry(field.name(), &field.value(self.user))?;
        }
        let if_set = FIELDS_IF_SET.map(|field| (field, field.value(self.user)));
        for (field, value) in if_set.iter().filter(|(_, value)| !value.is_unset()) {
            record.serialize_entry(field.name(), value)?;
        }
        record.serialize_entry(VERSION_COLUMN, &EXPORT_VERSION)?;
        if let Some(hash) = self.password_hash() {
            record.serialize_entry(HASH_COLUMN, hash)?;
        }
        record.end()
    }
}
