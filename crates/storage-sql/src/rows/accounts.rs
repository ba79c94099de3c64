//! Service accounts and their keys.

use roster_domain::{Actor, ApiKey, ApiKeyDigest, KeyCreator, ServiceAccount, ServiceAccountId};
use uuid::Uuid;

use super::status;
use crate::error::{ColumnError, RowError};
use crate::value::{Columns, Value};

/// The rows of the table `service_accounts`.
#[derive(Clone, Copy, Debug)]
pub struct AccountRow;

/// The rows of the table `api_keys`.
#[derive(Clone, Copy, Debug)]
pub struct KeyRow;

impl AccountRow {
    /// The table.
    pub const TABLE: &'static str = "service_accounts";

    /// The columns that hold the account without its keys, in the order in which [`read`](Self::read) expects them.
    pub const COLUMNS: [&'static str; 11] = [
        "id",
        "name",
        "description",
        "permissions",
        "status",
        "disabled_at",
        "created_at",
        "updated_at",
        "created_by",
        "version",
        "auth_epoch",
    ];

    /// The values of [`COLUMNS`](Self::COLUMNS).
    #[must_use]
    pub fn values(account: &ServiceAccount) -> Vec<Value<'_>> {
        let [status, disabled_at, _] = status::values(account.status);
        vec![
            Value::Id(*account.id.as_uuid()),
            Value::text(account.name.as_str()),
            Value::optional_text(account.description.as_ref().map(roster_domain::Description::as_str)),
            Value::json(&account.permissions),
            status,
            disabled_at,
            Value::time(account.created_at),
            Value::time(account.updated_at),
            Value::json(&account.created_by),
            Value::counter(account.version.get()),
            Value::counter(account.auth_epoch.get()),
        ]
    }

    /// Reads an account without its keys.
    ///
    /// # Errors
    /// [`RowError`] names the account and the column.
    pub fn read(columns: &mut impl Columns) -> Result<ServiceAccount, RowError> {
        let id = columns.id("id").map_err(|error| RowError::new(Self::TABLE, "?", error))?;
        Self::read_after_id(id.into(), columns).map_err(|error| RowError::new(Self::TABLE, id, error))
    }

    fn read_after_id(
        id: ServiceAccountId,
        columns: &mut impl Columns,
    ) -> Result<ServiceAccount, ColumnError> {
        Ok(ServiceAccount {
            id,
            name: columns.parsed("name")?,
            description: columns.optional_parsed("description")?,
            permissions: columns.json("permissions")?,
            status: status::read_settled(columns)?,
            created_at: columns.time("created_at")?,
            updated_at: columns.time("updated_at")?,
            created_by: columns.json::<Actor>("created_by")?,
            version: columns.counter("version")?.into(),
            auth_epoch: columns.counter("auth_epoch")?.into(),
            keys: Vec::new(),
        })
    }
}

impl KeyRow {
    /// The table.
    pub const TABLE: &'static str = "api_keys";

    /// The columns, in the order in which [`read`](Self::read) expects them. `position` orders the keys of an account.
    pub const COLUMNS: [&'static str; 12] = [
        "id",
        "account_id",
        "position",
        "prefix",
        "name",
        "digest",
        "permissions",
        "created_at",
        "created_by",
        "expires_at",
        "last_used_at",
        "replaced_by",
    ];

    /// The values of [`COLUMNS`](Self::COLUMNS) of the key at this position of its account.
    #[must_use]
    pub fn values(account: ServiceAccountId, position: usize, key: &ApiKey) -> Vec<Value<'_>> {
        vec![
            Value::Id(*key.id.as_uuid()),
            Value::Id(*account.as_uuid()),
            Value::Number(i64::try_from(position).unwrap_or(i64::MAX)),
            Value::text(key.prefix.as_str().to_owned()),
            Value::text(key.name.as_str()),
            Value::digest(key.digest.as_bytes()),
            Value::json(&key.permissions),
            Value::time(key.created_at),
            Value::json(&key.created_by),
            Value::optional_time(key.expires_at),
            Value::optional_time(key.last_used_at),
            Value::OptionalId(key.replaced_by.map(|id| *id.as_uuid())),
        ]
    }

    /// Reads a key with the id of its account.
    ///
    /// # Errors
    /// [`RowError`] names the key and the column.
    pub fn read(columns: &mut impl Columns) -> Result<(ServiceAccountId, ApiKey), RowError> {
        let id = columns.id("id").map_err(|error| RowError::new(Self::TABLE, "?", error))?;
        Self::read_after_id(id, columns).map_err(|error| RowError::new(Self::TABLE, id, error))
    }

    fn read_after_id(
        id: Uuid,
        columns: &mut impl Columns,
    ) -> Result<(ServiceAccountId, ApiKey), ColumnError> {
        let account = columns.id("account_id")?.into();
        columns.number("position")?;
        let key = ApiKey {
            id: id.into(),
            prefix: columns.parsed("prefix")?,
            name: columns.parsed("name")?,
            digest: ApiKeyDigest::from(columns.digest("digest")?),
            permissions: columns.json("permissions")?,
            created_at: columns.time("created_at")?,
            created_by: columns.json::<KeyCreator>("created_by")?,
            expires_at: columns.optional_time("expires_at")?,
            last_used_at: columns.optional_time("last_used_at")?,
            replaced_by: columns.optional_id("replaced_by")?.map(Into::into),
        };
        Ok((account, key))
    }
}

/// The accounts with their keys. The keys of each account are in the order of their positions.
#[must_use]
pub fn with_keys(
    mut accounts: Vec<ServiceAccount>,
    keys: impl IntoIterator<Item = (ServiceAccountId, ApiKey)>,
) -> Vec<ServiceAccount> {
    for (owner, key) in keys {
        if let Some(account) = accounts.iter_mut().find(|account| account.id == owner) {
            account.keys.push(key);
        }
    }
    accounts
}
