//! Service accounts and their API keys, without digests.

use super::audit::ActorView;
use super::values::{
    CursorText, Nullable, NullableRfc3339, Rfc3339, Serialized, StatusName, serialized_by_fields,
};
use super::words::PermissionNames;
use crate::openapi::schema::schema;
use paperclip::actix::Apiv2Schema;
use paperclip::v2::models::DefaultSchemaRaw;
use paperclip::v2::schema::Apiv2Schema as Schema;
use roster_auth::api_key::NewApiKey;
use roster_domain::{
    ApiKey, ApiKeyId, ApiKeyName, ApiKeyPrefix, Description, ServiceAccount, ServiceAccountId,
    ServiceAccountName, Version,
};
use roster_service::IssuedApiKey;
use serde::{Serialize, Serializer};
use serde_json::json;
use std::sync::Arc;

/// A service account as clients see it.
pub(crate) struct ServiceAccountView(Arc<ServiceAccount>);

/// An API key as clients see it.
pub(crate) struct ApiKeyView(ApiKey);

/// A service account.
#[derive(Serialize, Apiv2Schema)]
#[openapi(
    rename = "ServiceAccount",
    example = r#"{
        "id": "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8", "name": "backup", "description": null,
        "permissions": ["users:read"], "status": "active", "created_at": "2026-03-01T09:30:00.000000Z",
        "updated_at": "2026-03-01T09:30:00.000000Z",
        "created_by": {"kind": "user", "id": "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c9", "api_key": null}, "version": 1
    }"#
)]
struct AccountFields<'a> {
    /// Never changes and is never reused. It is the `client_id` at /oauth/token.
    id: Serialized<'a, ServiceAccountId>,
    /// Its name.
    name: Serialized<'a, ServiceAccountName>,
    /// Its purpose.
    description: Nullable<'a, Description>,
    /// The maximum permissions of its keys. A newer server may have granted some that this one does not know; they grant
    /// nothing here.
    permissions: PermissionNames<'a>,
    /// While it is disabled, its keys do not work.
    status: StatusName,
    /// When it was created.
    created_at: Rfc3339,
    /// When it was last changed, or a key was added or removed.
    updated_at: Rfc3339,
    // No doc comment: paperclip would use it instead of the description of the schema.
    created_by: ActorView,
    /// Counts the changes. It is the `ETag`.
    version: Serialized<'a, Version>,
}

/// An API key, without its secret.
#[derive(Serialize, Apiv2Schema)]
#[openapi(
    rename = "ApiKey",
    example = r#"{
        "id": "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8", "prefix": "k3Jd9sLqP0aZ", "name": "nightly",
        "permissions": ["users:read"], "created_at": "2026-03-01T09:30:00.000000Z",
        "created_by": {"kind": "user", "id": "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c9", "api_key": null},
        "expires_at": null, "last_used_at": null, "replaced_by": null
    }"#
)]
struct KeyFields<'a> {
    /// Never changes and is never reused.
    id: Serialized<'a, ApiKeyId>,
    /// The public part of the key: `rk_<prefix>_…`.
    prefix: Serialized<'a, ApiKeyPrefix>,
    /// A name for people.
    name: Serialized<'a, ApiKeyName>,
    /// Its maximum permissions, as those of its account. At each use it grants those that it, its account and its creator all hold.
    permissions: PermissionNames<'a>,
    /// When it was created.
    created_at: Rfc3339,
    // No doc comment, as above.
    created_by: ActorView,
    /// When it expires; null means never.
    expires_at: NullableRfc3339,
    /// When it was last used, to the minute.
    last_used_at: NullableRfc3339,
    /// The key that replaced it. Both work until this one expires.
    replaced_by: Nullable<'a, ApiKeyId>,
}

/// One page of the list of service accounts.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "ServiceAccountPage")]
pub(crate) struct ServiceAccountPageView {
    /// The service accounts, by name.
    data: Vec<ServiceAccountView>,
    /// Where the next page starts; null on the last page.
    next_cursor: CursorText,
    /// Whether there is a next page.
    has_more: bool,
}

/// The keys of a service account. There are few, so the list has no pages.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "ApiKeyList")]
pub(crate) struct ApiKeyListView {
    /// The keys, oldest first.
    data: Vec<ApiKeyView>,
}

/// A key that was just created. It is not shown again.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "IssuedApiKey")]
pub(crate) struct IssuedApiKeyView {
    /// The key itself. Send it as `Authorization: Bearer …`. It cannot be retrieved later.
    key: KeyText,
    // No doc comment, as above.
    api_key: ApiKeyView,
}

/// A key that is sent to its creator.
struct KeyText(NewApiKey);

impl ServiceAccountView {
    pub(crate) const fn new(account: Arc<ServiceAccount>) -> Self {
        Self(account)
    }
}

impl ApiKeyView {
    pub(crate) const fn new(key: ApiKey) -> Self {
        Self(key)
    }
}

impl<'a> AccountFields<'a> {
    fn of(account: &'a ServiceAccount) -> Self {
        Self {
            id: Serialized(&account.id),
            name: Serialized(&account.name),
            description: Nullable(account.description.as_ref()),
            permissions: PermissionNames(&account.permissions),
            status: StatusName(account.status.kind()),
            created_at: Rfc3339(account.created_at),
            updated_at: Rfc3339(account.updated_at),
            created_by: ActorView::of(account.created_by),
            version: Serialized(&account.version),
        }
    }
}

impl<'a> KeyFields<'a> {
    fn of(key: &'a ApiKey) -> Self {
        Self {
            id: Serialized(&key.id),
            prefix: Serialized(&key.prefix),
            name: Serialized(&key.name),
            permissions: PermissionNames(&key.permissions),
            created_at: Rfc3339(key.created_at),
            created_by: ActorView::of(key.created_by.actor()),
            expires_at: NullableRfc3339(key.expires_at.map(Rfc3339)),
            last_used_at: NullableRfc3339(key.last_used_at.map(Rfc3339)),
            replaced_by: Nullable(key.replaced_by.as_ref()),
        }
    }
}

impl ServiceAccountPageView {
    pub(crate) fn new(accounts: Vec<Arc<ServiceAccount>>, next_cursor: Option<String>) -> Self {
        let has_more = next_cursor.is_some();
        let data = accounts.into_iter().map(ServiceAccountView::new).collect();
        Self { data, next_cursor: CursorText(next_cursor), has_more }
    }
}

impl ApiKeyListView {
    pub(crate) fn of(account: &ServiceAccount) -> Self {
        Self { data: account.keys.iter().cloned().map(ApiKeyView::new).collect() }
    }
}

impl IssuedApiKeyView {
    pub(crate) fn new(issued: IssuedApiKey) -> Self {
        Self { key: KeyText(issued.secret), api_key: ApiKeyView::new(issued.key) }
    }
}

impl Serialize for KeyText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl Schema for KeyText {
    fn raw_schema() -> DefaultSchemaRaw {
        // Not a valid key: secret scanners check the checksum and ignore it.
        let example = format!("rk_k3Jd9sLqP0aZ_{}", "x".repeat(NewApiKey::LEN - 16));
        schema(
            &json!({ "type": "string", "pattern": "^rk_[A-Za-z0-9]{12}_[A-Za-z0-9]{49}$", "example": example }),
        )
    }
}

serialized_by_fields! {
    ServiceAccountView => AccountFields;
    ApiKeyView => KeyFields;
}
