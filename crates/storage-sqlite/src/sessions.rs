//! Reads of sessions.

use std::borrow::Cow;

use jiff::Timestamp;
use roster_domain::{Session, SessionId, TokenDigest, User, UserId};
use roster_storage_sql::{Columns, RowError, SessionRow, UserRow, Value, statements};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::rows::{all, first, number};
use crate::users;

statements! {
    BY_ID = "SELECT {sessions} FROM sessions s WHERE s.id = $1";
    BY_FAMILY = "SELECT {sessions} FROM sessions s WHERE s.family = $1";
    /// By ids alone, so that the plan is two look-ups.
    WITH_USER = "SELECT {sessions}, {users} FROM sessions s CROSS JOIN users u \
         WHERE s.id = $1 AND u.id = $2 AND s.user_id = u.id";
    OF_USER = "SELECT {sessions} FROM sessions s WHERE s.user_id = $1 ORDER BY s.id";
    EXPIRED = "SELECT s.id FROM sessions s WHERE s.expires_at <= $1 ORDER BY s.expires_at, s.id LIMIT $2";
    AFTER = "SELECT {sessions} FROM sessions s WHERE s.id > $1 ORDER BY s.id LIMIT $2";
    EXPIRY = "SELECT s.expires_at FROM sessions s WHERE s.id = $1";
    COUNT_OF_USER = "SELECT count(*) FROM sessions s WHERE s.user_id = $1";
    CURRENT_TOKEN = "SELECT s.current_token FROM sessions s WHERE s.id = $1";
}

/// The session with this id.
pub(crate) fn session(connection: &Connection, id: SessionId) -> Result<Option<Session>, Failure> {
    first(connection, BY_ID.text(), &[id_value(id)], |row| SessionRow::read(row))
}

/// The session with this id and its user.
pub(crate) fn user_session(
    connection: &Connection,
    id: SessionId,
    user: UserId,
) -> Result<Option<(Session, User)>, Failure> {
    first(connection, WITH_USER.text(), &[id_value(id), users::id_value(user)], |row| {
        Ok((SessionRow::read(row)?, UserRow::read(row)?))
    })
}

/// The session whose refresh tokens belong to this family.
pub(crate) fn session_by_family(
    connection: &Connection,
    family: TokenDigest,
) -> Result<Option<Session>, Failure> {
    first(connection, BY_FAMILY.text(), &[Value::digest(family.as_bytes())], |row| SessionRow::read(row))
}

/// The sessions of a user, oldest first.
pub(crate) fn sessions_of(connection: &Connection, user: UserId) -> Result<Vec<Session>, Failure> {
    all(connection, OF_USER.text(), &[users::id_value(user)], |row| SessionRow::read(row))
}

/// At most `limit` sessions that have expired by `now`, earliest expiry first.
pub(crate) fn expired(
    connection: &Connection,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<SessionId>, Failure> {
    let limit = Value::Number(i64::try_from(limit).unwrap_or(i64::MAX));
    all(connection, EXPIRED.text(), &[Value::time(now), limit], |row| {
        row.id("id").map(SessionId::from).map_err(|error| RowError::new(SessionRow::TABLE, "?", error))
    })
}

/// At most `limit` sessions with greater ids, by id.
pub(crate) fn sessions_after(
    connection: &Connection,
    id: Option<SessionId>,
    limit: usize,
) -> Result<Vec<Session>, Failure> {
    let after = id.map_or(Value::Bytes(Cow::Borrowed(&[])), id_value);
    let limit = Value::Number(i64::try_from(limit).unwrap_or(i64::MAX));
    all(connection, AFTER.text(), &[after, limit], |row| SessionRow::read(row))
}

/// When a session expires, in microseconds; `None` if there is no such session.
pub(crate) fn expiry(connection: &Connection, id: SessionId) -> Result<Option<i64>, Failure> {
    number(connection, EXPIRY.text(), &[id_value(id)])
}

/// The number of sessions of a user.
pub(crate) fn count_of(connection: &Connection, user: UserId) -> Result<usize, Failure> {
    let count = number(connection, COUNT_OF_USER.text(), &[users::id_value(user)])?;
    Ok(count.and_then(|count| usize::try_from(count).ok()).unwrap_or(0))
}

/// The digest of the live refresh token of a session.
pub(crate) fn current_token(connection: &Connection, id: SessionId) -> Result<Option<TokenDigest>, Failure> {
    first(connection, CURRENT_TOKEN.text(), &[id_value(id)], |row| {
        let digest = row.digest("current_token").map(TokenDigest::from_bytes);
        digest.map_err(|error| RowError::new(SessionRow::TABLE, id, error))
    })
}

/// The value of an id.
pub(crate) const fn id_value(id: SessionId) -> Value<'static> {
    Value::Id(*id.as_uuid())
}
