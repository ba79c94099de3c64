//! The command-line views of service accounts and their API keys, without the digests.

use std::sync::Arc;

use jiff::Timestamp;
use roster_domain::{
    Actor, ApiKey, ApiKeyId, ApiKeyName, ApiKeyPrefix, Description, GrantedPermissions, ServiceAccount,
    ServiceAccountId, ServiceAccountName, Version,
};
use serde::Serialize;
use uuid::Uuid;

use crate::terminal::{self, to_the_microsecond, to_the_second};

/// The table of the accounts.
pub(super) fn accounts(accounts: &[Arc<ServiceAccount>]) -> String {
    let row = |account: &Arc<ServiceAccount>| {
        [
            account.name.to_string(),
            account.status.kind().to_string(),
            names(&account.permissions),
            account.keys.len().to_string(),
            time_or_never(account.last_used_at()),
            account.id.to_string(),
        ]
    };
    let rows: Vec<_> = accounts.iter().map(row).collect();
    terminal::table(["NAME", "STATUS", "PERMISSIONS", "KEYS", "LAST USED", "ID"], &rows)
}

/// An account with one line per field, and the table of its keys.
pub(super) fn account_text(account: &ServiceAccount) -> String {
    let description = account.description.as_ref().map_or("-", |text| text.as_str());
    let lines = [
        ("id", account.id.to_string()),
        ("name", account.name.to_string()),
        ("description", terminal::printable(description)),
        ("status", account.status.kind().to_string()),
        ("permissions", names(&account.permissions)),
        ("created_at", to_the_microsecond(account.created_at)),
        ("updated_at", to_the_microsecond(account.updated_at)),
        ("version", account.version.to_string()),
    ];
    let lines: Vec<_> = lines.iter().map(|(name, value)| format!("{name:15} {value}")).collect();
    lines.join("\n") + "\n\n" + &keys(account)
}

/// The table of the keys of an account.
pub(super) fn keys(account: &ServiceAccount) -> String {
    let row = |key: &ApiKey| {
        [
            key.prefix.to_string(),
            terminal::printable(key.name.as_str()),
            names(&key.permissions),
            time_or_never(key.expires_at),
            time_or_never(key.last_used_at),
            key.id.to_string(),
        ]
    };
    let rows: Vec<_> = account.keys.iter().map(row).collect();
    terminal::table(["PREFIX", "NAME", "PERMISSIONS", "EXPIRES", "LAST USED", "ID"], &rows)
}

/// One line of JSON with the fields of the API and the keys.
///
/// # Errors
/// None in practice: every field can be serialized.
pub(super) fn json(account: &ServiceAccount) -> serde_json::Result<String> {
    Ok(serde_json::to_string(&AccountView::of(account))? + "\n")
}

/// A line of JSON with the fields of the API for each key of an account.
///
/// # Errors
/// None in practice: every field can be serialized.
pub(super) fn keys_json(account: &ServiceAccount) -> serde_json::Result<String> {
    account.keys.iter().map(|key| Ok(serde_json::to_string(&KeyView::of(key))? + "\n")).collect()
}

/// A service account, in the order of the API.
#[derive(Serialize)]
struct AccountView<'a> {
    id: ServiceAccountId,
    name: &'a ServiceAccountName,
    description: Option<&'a Description>,
    permissions: &'a GrantedPermissions,
    status: &'static str,
    created_at: String,
    updated_at: String,
    created_by: Creator,
    version: Version,
    keys: Vec<KeyView<'a>>,
}

/// An API key without its digest, in the order of the API.
#[derive(Serialize)]
struct KeyView<'a> {
    id: ApiKeyId,
    prefix: &'a ApiKeyPrefix,
    name: &'a ApiKeyName,
    permissions: &'a GrantedPermissions,
    created_at: String,
    created_by: Creator,
    expires_at: Option<String>,
    last_used_at: Option<String>,
    replaced_by: Option<ApiKeyId>,
}

/// Who created an account or a key.
#[derive(Serialize)]
struct Creator {
    kind: &'static str,
    id: Option<Uuid>,
    api_key: Option<ApiKeyId>,
}

impl<'a> AccountView<'a> {
    fn of(account: &'a ServiceAccount) -> Self {
        Self {
            id: account.id,
            name: &account.name,
            description: account.description.as_ref(),
            permissions: &account.permissions,
            status: account.status.kind().as_str(),
            created_at: to_the_microsecond(account.created_at),
            updated_at: to_the_microsecond(account.updated_at),
            created_by: Creator::of(account.created_by),
            version: account.version,
            keys: account.keys.iter().map(KeyView::of).collect(),
        }
    }
}

impl<'a> KeyView<'a> {
    fn of(key: &'a ApiKey) -> Self {
        Self {
            id: key.id,
            prefix: &key.prefix,
            name: &key.name,
            permissions: &key.permissions,
            created_at: to_the_microsecond(key.created_at),
            created_by: Creator::of(key.created_by.actor()),
            expires_at: key.expires_at.map(to_the_microsecond),
            last_used_at: key.last_used_at.map(to_the_microsecond),
            replaced_by: key.replaced_by,
        }
    }
}

impl Creator {
    fn of(actor: Actor) -> Self {
        Self { kind: actor.kind(), id: actor.id(), api_key: actor.key() }
    }
}

fn names(permissions: &GrantedPermissions) -> String {
    let names = permissions.names();
    if names.is_empty() { "-".to_owned() } else { names.join(",") }
}

fn time_or_never(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "never".to_owned(), to_the_second)
}
