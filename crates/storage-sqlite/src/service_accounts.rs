//! Reads of service accounts and their keys.

use std::borrow::Cow;

use jiff::Timestamp;
use roster_domain::{
    ApiKey, ApiKeyId, ApiKeyPrefix, ServiceAccount, ServiceAccountId, ServiceAccountName, Version,
};
use roster_storage_sql::{AccountRow, Columns, KeyRow, RowError, Value, statements, with_keys};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::rows::{all, exists, first, number};

statements! {
    BY_ID = "SELECT {accounts} FROM service_accounts a WHERE a.id = $1";
    OWNER_OF_PREFIX = "SELECT k.account_id FROM api_keys k WHERE k.prefix = $1";
    OWNER_OF_NAME = "SELECT a.id FROM service_accounts a WHERE a.name = $1";
    KEYS = "SELECT {keys} FROM api_keys k WHERE k.account_id = $1 ORDER BY k.position";
    BY_NAME = "SELECT {accounts} FROM service_accounts a WHERE a.name > $1 ORDER BY a.name LIMIT $2";
    KEYS_BY_NAME = "SELECT {keys} FROM
        (SELECT a.id FROM service_accounts a WHERE a.name > $1 ORDER BY a.name LIMIT $2) AS few
        CROSS JOIN api_keys k WHERE k.account_id = few.id ORDER BY k.account_id, k.position";
    AFTER = "SELECT {accounts} FROM service_accounts a WHERE a.id > $1 ORDER BY a.id LIMIT $2";
    KEYS_AFTER = "SELECT {keys} FROM
        (SELECT a.id FROM service_accounts a WHERE a.id > $1 ORDER BY a.id LIMIT $2) AS few
        CROSS JOIN api_keys k WHERE k.account_id = few.id ORDER BY k.account_id, k.position";
    VERSION = "SELECT a.version FROM service_accounts a WHERE a.id = $1";
    LAST_USE = "SELECT (SELECT max(k.last_used_at) FROM api_keys k WHERE k.account_id = a.id)
        FROM service_accounts a WHERE a.id = $1";
    GOOD_KEY = "SELECT 1 FROM service_accounts a CROSS JOIN api_keys k
        WHERE a.id = $1 AND a.status = 'active' AND k.id = $2 AND k.account_id = a.id";
}

/// The service account with this id.
pub(crate) fn account(
    connection: &Connection,
    id: ServiceAccountId,
) -> Result<Option<ServiceAccount>, Failure> {
    let found = first(connection, BY_ID.text(), &[id_value(id)], |row| AccountRow::read(row))?;
    let Some(account) = found else { return Ok(None) };
    Ok(Some(ServiceAccount { keys: keys(connection, id)?, ..account }))
}

/// The keys of a service account, oldest first.
pub(crate) fn keys(connection: &Connection, id: ServiceAccountId) -> Result<Vec<ApiKey>, Failure> {
    let keys = all(connection, KEYS.text(), &[id_value(id)], |row| KeyRow::read(row))?;
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

/// The service account that has a key with this prefix.
pub(crate) fn account_by_key_prefix(
    connection: &Connection,
    prefix: &ApiKeyPrefix,
) -> Result<Option<ServiceAccount>, Failure> {
    owner_of_prefix(connection, prefix)?.map_or(Ok(None), |id| account(connection, id))
}

/// At most `limit` service accounts with names after this one, by name.
pub(crate) fn accounts_by_name(
    connection: &Connection,
    after: Option<&ServiceAccountName>,
    limit: usize,
) -> Result<Vec<ServiceAccount>, Failure> {
    let after = Value::text(after.map_or("", ServiceAccountName::as_str));
    with_their_keys(connection, [BY_NAME.text(), KEYS_BY_NAME.text()], after, limit)
}

/// At most `limit` service accounts with greater ids, by id.
pub(crate) fn accounts_after(
    connection: &Connection,
    id: Option<ServiceAccountId>,
    limit: usize,
) -> Result<Vec<ServiceAccount>, Failure> {
    let after = id.map_or(Value::Bytes(Cow::Borrowed(&[])), id_value);
    with_their_keys(connection, [AFTER.text(), KEYS_AFTER.text()], after, limit)
}

fn with_their_keys(
    connection: &Connection,
    [accounts, keys]: [&str; 2],
    after: Value<'_>,
    limit: usize,
) -> Result<Vec<ServiceAccount>, Failure> {
    let values = [after, Value::Number(i64::try_from(limit).unwrap_or(i64::MAX))];
    let accounts = all(connection, accounts, &values, |row| AccountRow::read(row))?;
    let keys = all(connection, keys, &values, |row| KeyRow::read(row))?;
    Ok(with_keys(accounts, keys))
}

/// The service account that has a key with this prefix.
pub(crate) fn owner_of_prefix(
    connection: &Connection,
    prefix: &ApiKeyPrefix,
) -> Result<Option<ServiceAccountId>, Failure> {
    owner(connection, OWNER_OF_PREFIX.text(), prefix.as_str())
}

/// The service account with this name.
pub(crate) fn owner_of_name(
    connection: &Connection,
    name: &ServiceAccountName,
) -> Result<Option<ServiceAccountId>, Failure> {
    owner(connection, OWNER_OF_NAME.text(), name.as_str())
}

fn owner(connection: &Connection, sql: &str, value: &str) -> Result<Option<ServiceAccountId>, Failure> {
    first(connection, sql, &[Value::text(value)], |row| {
        let id = row.id("id").map(ServiceAccountId::from);
        id.map_err(|error| RowError::new(AccountRow::TABLE, value, error))
    })
}

/// The version of a service account.
pub(crate) fn version(connection: &Connection, id: ServiceAccountId) -> Result<Option<Version>, Failure> {
    let version = number(connection, VERSION.text(), &[id_value(id)])?;
    Ok(version.map(|version| Version::from(version.cast_unsigned())))
}

/// Whether there is such a service account, and one of its keys was last used at this time.
pub(crate) fn has_last_use(
    connection: &Connection,
    id: ServiceAccountId,
    at: Option<Timestamp>,
) -> Result<bool, Failure> {
    let found = first(connection, LAST_USE.text(), &[id_value(id)], |row| {
        row.optional_time("last_used_at").map_err(|error| RowError::new(KeyRow::TABLE, id, error))
    })?;
    Ok(found == Some(at))
}

/// Whether a service account is active and has the key.
pub(crate) fn has_good_key(
    connection: &Connection,
    id: ServiceAccountId,
    key: ApiKeyId,
) -> Result<bool, Failure> {
    exists(connection, GOOD_KEY.text(), &[id_value(id), Value::Id(*key.as_uuid())])
}

/// The value of an id.
pub(crate) const fn id_value(id: ServiceAccountId) -> Value<'static> {
    Value::Id(*id.as_uuid())
}
