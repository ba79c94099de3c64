//! Everybody, for another system.

use crate::{Call, Error, Roster};
use async_trait::async_trait;
use jiff::Timestamp;
use roster_domain::{
    Attributes, DisplayName, EmailAddress, ExternalId, Limit, LoginAlias, PasswordHash, PendingReason,
    PendingReasons, Permission, RoleName, RoleSet, Status, User, UserId, UserQuery, policy,
};
use roster_import::EXPORT_VERSION;
use serde::Serialize;
use std::io;
use thiserror::Error as ThisError;

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// One JSON object a line.
    Ndjson,
    /// One JSON array.
    Json,
    /// Comma-separated values (RFC 4180) with a heading, for spreadsheets. Roles are separated by spaces,
    /// attributes are JSON. A cell that a spreadsheet would run as a formula, because it begins with
    /// `=`, `+`, `-`, `@`, a tab or a line break, gets an apostrophe before it (OWASP, CSV Injection);
    /// for programs the other formats are exact.
    Csv,
}

/// Whether an export holds what people log in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportHashes {
    /// It does not.
    Omit,
    /// It has each password's hash as `password_hash`. Whoever has such a file can guess passwords at leisure.
    Include,
}

/// Why an export ended early.
#[derive(Debug, ThisError)]
pub enum ExportError {
    /// The caller may not, or the store failed.
    #[error(transparent)]
    Roster(#[from] Error),
    /// What was to take the export did not.
    #[error("the export cannot be written")]
    Write(#[from] io::Error),
}

/// A user as an export shows them: as the API does, with what an import needs to make them again.
#[derive(Serialize)]
struct ExportedUser<'a> {
    id: UserId,
    username: &'a str,
    email: Option<&'a str>,
    email_verified: bool,
    display_name: Option<&'a str>,
    status: &'static str,
    roles: &'a RoleSet,
    attributes: &'a Attributes,
    external_id: Option<&'a str>,
    created_at: String,
    updated_at: String,
    last_login_at: Option<String>,
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    login_alias: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending_reasons: Option<PendingReasons>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    must_change_password: bool,
    roster_export: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_hash: Option<&'a str>,
}

/// Takes an export, a page at a time.
#[async_trait]
pub trait ExportSink: Send {
    /// Takes what comes next. The export waits until it is taken.
    ///
    /// # Errors
    /// Whatever keeps it from being taken; the export ends with it.
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
    /// Writes all users in the order they were created, a page at a time, and gives their number. Somebody
    /// who is created or deleted meanwhile may be in it or not; everybody else is in it once.
    ///
    /// The caller needs `users:read`; with hashes, every permission.
    ///
    /// # Errors
    /// [`ExportError`]. What was written before is an incomplete export.
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
            let users: Vec<_> = page.items.iter().map(|user| ExportedUser::new(user, hashes)).collect();
            out.write(written(&users, format, hashes, count == 0)?).await?;
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

/// What comes before the first user.
fn opening(format: ExportFormat, hashes: ExportHashes) -> io::Result<Vec<u8>> {
    match format {
        ExportFormat::Ndjson => Ok(Vec::new()),
        ExportFormat::Json => Ok(b"[".to_vec()),
        ExportFormat::Csv => {
            let shown = if hashes == ExportHashes::Include { COLUMNS.len() } else { COLUMNS.len() - 1 };
            table(std::iter::once(COLUMNS[..shown].iter().map(ToString::to_string)))
        }
    }
}

/// A page of users; the first one brings no separator.
fn written(
    users: &[ExportedUser<'_>],
    format: ExportFormat,
    hashes: ExportHashes,
    first: bool,
) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    match format {
        ExportFormat::Csv => return table(users.iter().map(|user| user.cells(hashes))),
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
        writer.write_record(row.into_iter().map(disarmed))?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

/// A cell that no spreadsheet takes for a formula.
fn disarmed(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}") } else { cell }
}

/// The columns of a table, in the order of [`ExportedUser::cells`].
const COLUMNS: [&str; 19] = [
    "id",
    "username",
    "email",
    "email_verified",
    "display_name",
    "status",
    "roles",
    "attributes",
    "external_id",
    "created_at",
    "updated_at",
    "last_login_at",
    "version",
    "login_alias",
    "disabled_at",
    "pending_reasons",
    "must_change_password",
    "roster_export",
    "password_hash",
];

impl<'a> ExportedUser<'a> {
    fn new(user: &'a User, hashes: ExportHashes) -> Self {
        Self {
            id: user.id,
            username: user.username.as_str(),
            email: user.email.as_ref().map(EmailAddress::as_str),
            email_verified: user.email_verified,
            display_name: user.display_name.as_ref().map(DisplayName::as_str),
            status: user.status.kind().as_str(),
            roles: user.roles(),
            attributes: &user.attributes,
            external_id: user.external_id.as_ref().map(ExternalId::as_str),
            created_at: shown(user.created_at),
            updated_at: shown(user.updated_at),
            last_login_at: user.last_login_at.map(shown),
            version: user.version.get(),
            login_alias: user.login_alias.as_ref().map(LoginAlias::as_str),
            disabled_at: match user.status {
                Status::Disabled { since } => Some(shown(since)),
                Status::Active | Status::Pending { .. } => None,
            },
            pending_reasons: user.status.pending_reasons(),
            must_change_password: user.must_change_password,
            roster_export: EXPORT_VERSION,
            password_hash: match hashes {
                ExportHashes::Omit => None,
                ExportHashes::Include => user.credential.password_hash().map(PasswordHash::as_str),
            },
        }
    }

    /// A row of the table; the last cell is there with hashes only.
    fn cells(&self, hashes: ExportHashes) -> Vec<String> {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let reasons = self.pending_reasons.map(|reasons| reasons.iter().map(PendingReason::as_str).collect());
        let reasons: Vec<_> = reasons.unwrap_or_default();
        let roles: Vec<_> = self.roles.iter().map(RoleName::as_str).collect();
        let mut cells = vec![
            self.id.to_string(),
            self.username.to_owned(),
            text(self.email),
            self.email_verified.to_string(),
            text(self.display_name),
            self.status.to_owned(),
            roles.join(" "),
            serde_json::to_string(self.attributes).unwrap_or_default(),
            text(self.external_id),
            self.created_at.clone(),
            self.updated_at.clone(),
            text(self.last_login_at.as_deref()),
            self.version.to_string(),
            text(self.login_alias),
            text(self.disabled_at.as_deref()),
            reasons.join(" "),
            self.must_change_password.to_string(),
            self.roster_export.to_string(),
        ];
        if hashes == ExportHashes::Include {
            cells.push(text(self.password_hash));
        }
        cells
    }
}

/// RFC 3339 in UTC with microseconds, as the API writes times.
fn shown(time: Timestamp) -> String {
    format!("{time:.6}")
}
