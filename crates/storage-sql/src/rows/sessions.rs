//! Sessions.

use roster_domain::{AuthenticationMethod, RefreshChain, Session, SessionId, SupersededToken, TokenDigest};

use crate::error::{ColumnError, RowError};
use crate::value::{Columns, Value};

/// The rows of the table `sessions`.
#[derive(Clone, Copy, Debug)]
pub struct SessionRow;

impl SessionRow {
    /// The table.
    pub const TABLE: &'static str = "sessions";

    /// The columns that hold the session, in the order in which [`read`](Self::read) expects them.
    pub const COLUMNS: [&'static str; 14] = [
        "id",
        "user_id",
        "family",
        "current_token",
        "superseded",
        "device",
        "ip",
        "login_ip",
        "methods",
        "created_at",
        "authenticated_at",
        "last_seen_at",
        "idle_until",
        "ends_at",
    ];

    /// The column that only helps to find expired sessions.
    pub const DERIVED: [&'static str; 1] = ["expires_at"];

    /// The values of [`COLUMNS`](Self::COLUMNS) and then of [`DERIVED`](Self::DERIVED).
    #[must_use]
    pub fn values(session: &Session) -> Vec<Value<'_>> {
        vec![
            Value::Id(*session.id.as_uuid()),
            Value::Id(*session.user.as_uuid()),
            Value::digest(session.refresh.family.as_bytes()),
            Value::digest(session.refresh.current.as_bytes()),
            Value::json(&session.refresh.superseded),
            Value::optional_text(session.device.as_ref().map(roster_domain::DeviceLabel::as_str)),
            Value::optional_text(session.ip.map(|ip| ip.to_string())),
            Value::optional_text(session.login_ip.map(|ip| ip.to_string())),
            Value::json(&session.methods),
            Value::time(session.created_at),
            Value::time(session.authenticated_at),
            Value::time(session.last_seen_at),
            Value::time(session.idle_until),
            Value::time(session.ends_at),
            Value::time(session.expires_at()),
        ]
    }

    /// Reads a row.
    ///
    /// # Errors
    /// [`RowError`] names the session and the column.
    pub fn read(columns: &mut impl Columns) -> Result<Session, RowError> {
        let id = columns.id("id").map_err(|error| RowError::new(Self::TABLE, "?", error))?;
        Self::read_after_id(id.into(), columns).map_err(|error| RowError::new(Self::TABLE, id, error))
    }

    fn read_after_id(id: SessionId, columns: &mut impl Columns) -> Result<Session, ColumnError> {
        let user = columns.id("user_id")?.into();
        let family = TokenDigest::from_bytes(columns.digest("family")?);
        let current = TokenDigest::from_bytes(columns.digest("current_token")?);
        let superseded: Vec<SupersededToken> = columns.json("superseded")?;
        let device = columns.optional_text("device")?;
        let ip = read_ip(columns, "ip")?;
        let login_ip = read_ip(columns, "login_ip")?;
        let methods: Vec<AuthenticationMethod> = columns.json("methods")?;
        Ok(Session {
            id,
            user,
            device: device.map(Into::into),
            ip,
            login_ip,
            created_at: columns.time("created_at")?,
            authenticated_at: columns.time("authenticated_at")?,
            methods,
            last_seen_at: columns.time("last_seen_at")?,
            idle_until: columns.time("idle_until")?,
            ends_at: columns.time("ends_at")?,
            refresh: RefreshChain { family, current, superseded },
        })
    }
}

/// Reads a network address, or none.
pub(super) fn read_ip(
    columns: &mut impl Columns,
    column: &'static str,
) -> Result<Option<std::net::IpAddr>, ColumnError> {
    let text = columns.optional_text(column)?;
    text.map(|text| text.parse()).transpose().map_err(|error| ColumnError::new(column, error))
}
