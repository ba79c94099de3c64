//! Reads of users.

use std::borrow::Cow;

use roster_domain::{ExternalId, Login, User, UserId};
use roster_storage::UserKeys;
use roster_storage_sql::{
    Claim, ClaimSpace, Columns, RowError, UserRow, Value, login_candidates, statements,
};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::rows::{all, exists, first};

statements! {
    BY_ID = "SELECT {users} FROM users u WHERE u.id = $1";
    BY_IDS = "SELECT {users} FROM json_each($1) j CROSS JOIN users u WHERE u.id = unhex(j.value)";
    BY_KEYS = "SELECT {users} FROM (
            SELECT unhex(j.value) id FROM json_each($1) j
            UNION SELECT x.id FROM json_each($2) j CROSS JOIN users x WHERE x.external_id = j.value
            UNION SELECT l.user_id FROM json_each($3) j CROSS JOIN login_names l WHERE l.name = j.value
        ) k CROSS JOIN users u WHERE u.id = k.id";
    BY_LOGIN = "SELECT {users} FROM login_names l CROSS JOIN users u WHERE l.name = $1 AND u.id = l.user_id";
    BY_EXTERNAL_ID = "SELECT {users} FROM users u WHERE u.external_id = $1";
    AFTER = "SELECT {users} FROM users u WHERE u.id > $1 ORDER BY u.id LIMIT $2";
    EXISTS = "SELECT 1 FROM users u WHERE u.id = $1";
    ACTIVE_ADMIN = "SELECT 1 FROM users u WHERE u.active_admin = 1 AND u.id <> $1";
    NAME_OWNER = "SELECT l.user_id FROM login_names l WHERE l.name = $1";
    EXTERNAL_ID_OWNER = "SELECT u.id FROM users u WHERE u.external_id = $1";
}

/// The user with this id.
pub(crate) fn user(connection: &Connection, id: UserId) -> Result<Option<User>, Failure> {
    first(connection, BY_ID.text(), &[id_value(id)], |row| UserRow::read(row))
}

/// The users with these ids.
pub(crate) fn users_by_id(connection: &Connection, ids: &[UserId]) -> Result<Vec<User>, Failure> {
    all(connection, BY_IDS.text(), &[hex_list(ids)], |row| UserRow::read(row))
}

/// The users who have one of these keys.
pub(crate) fn users_by_keys(connection: &Connection, keys: &UserKeys) -> Result<Vec<User>, Failure> {
    let external_ids: Vec<_> = keys.external_ids.iter().map(ExternalId::as_str).collect();
    let names: Vec<_> = keys.logins.iter().flat_map(login_candidates).collect();
    let lists = [hex_list(&keys.ids), Value::json(&external_ids), Value::json(&names)];
    all(connection, BY_KEYS.text(), &lists, |row| UserRow::read(row))
}

/// A JSON list of ids in hexadecimal digits.
fn hex_list(ids: &[UserId]) -> Value<'static> {
    let ids: Vec<_> = ids.iter().map(|id| format!("\"{}\"", id.as_uuid().simple())).collect();
    Value::text(format!("[{}]", ids.join(",")))
}

/// The user who logs in with this name.
pub(crate) fn user_by_login(connection: &Connection, login: &Login) -> Result<Option<User>, Failure> {
    for name in login_candidates(login) {
        let found = first(connection, BY_LOGIN.text(), &[Value::text(name)], |row| UserRow::read(row))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The user with this id in another system.
pub(crate) fn user_by_external_id(connection: &Connection, id: &ExternalId) -> Result<Option<User>, Failure> {
    first(connection, BY_EXTERNAL_ID.text(), &[Value::text(id.as_str())], |row| UserRow::read(row))
}

/// At most `limit` users with greater ids, by id.
pub(crate) fn users_after(
    connection: &Connection,
    id: Option<UserId>,
    limit: usize,
) -> Result<Vec<User>, Failure> {
    let limit = Value::Number(i64::try_from(limit).unwrap_or(i64::MAX));
    all(connection, AFTER.text(), &[id_or_none(id), limit], |row| UserRow::read(row))
}

/// Whether there is a user with this id.
pub(crate) fn is_there(connection: &Connection, id: UserId) -> Result<bool, Failure> {
    exists(connection, EXISTS.text(), &[id_value(id)])
}

/// Whether there is an active administrator, apart from this user.
pub(crate) fn has_active_admin(connection: &Connection, except: Option<UserId>) -> Result<bool, Failure> {
    exists(connection, ACTIVE_ADMIN.text(), &[id_or_none(except)])
}

/// The user who has a unique value.
pub(crate) fn owner(
    connection: &Connection,
    space: ClaimSpace,
    value: &str,
) -> Result<Option<UserId>, Failure> {
    let sql = match space {
        ClaimSpace::LoginName => &NAME_OWNER,
        ClaimSpace::ExternalId => &EXTERNAL_ID_OWNER,
    };
    let owner = first(connection, sql.text(), &[Value::text(value)], |row| {
        row.id("user_id").map_err(|error| RowError::new("login_names", value, error))
    })?;
    Ok(owner.map(UserId::from))
}

/// The first of these values that belongs to another user.
pub(crate) fn taken<'c>(
    connection: &Connection,
    id: UserId,
    claims: impl IntoIterator<Item = &'c Claim>,
) -> Result<Option<&'c Claim>, Failure> {
    for claim in claims {
        if owner(connection, claim.space, &claim.value)?.is_some_and(|owner| owner != id) {
            return Ok(Some(claim));
        }
    }
    Ok(None)
}

/// The value of an id.
pub(crate) const fn id_value(id: UserId) -> Value<'static> {
    Value::Id(*id.as_uuid())
}

/// The value of an id, or one that no id has and that comes before all.
fn id_or_none(id: Option<UserId>) -> Value<'static> {
    id.map_or(Value::Bytes(Cow::Borrowed(&[])), id_value)
}
