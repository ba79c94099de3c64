//! The requests of `roster service-account` and `roster api-key`.

use jiff::SignedDuration;
use roster_domain::{ApiKeyName, Description, Permissions, ServiceAccountName};
use serde::{Deserialize, Serialize};

use crate::app::Purpose;
use crate::cli;
use crate::commands::store_access::StoreAccess;
use crate::commands::user::{NewStatus, ViewFormat};

/// A request of `roster service-account`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ServiceAccountRequest {
    Create { name: ServiceAccountName, permissions: Permissions, description: Option<Description> },
    List { format: ViewFormat },
    Show { account: String, format: ViewFormat },
    SetStatus { account: String, status: NewStatus },
    SetPermissions { account: String, permissions: Permissions },
    Delete { account: String },
}

/// A request of `roster api-key`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ApiKeyRequest {
    Create {
        account: String,
        name: ApiKeyName,
        /// All permissions of the account, if `None`.
        permissions: Option<Permissions>,
        expires_in: Option<SignedDuration>,
    },
    List {
        account: String,
        format: ViewFormat,
    },
    Rotate {
        account: String,
        key: String,
        overlap: Option<SignedDuration>,
    },
    Revoke {
        account: String,
        key: String,
    },
}

/// Creates the request from the arguments.
pub(in crate::commands) fn account_request(args: cli::ServiceAccount) -> ServiceAccountRequest {
    use cli::ServiceAccount as Command;
    let set_status = |account, status| ServiceAccountRequest::SetStatus { account, status };
    match args {
        Command::Create { name, permissions, description } => {
            let permissions = permissions.into_iter().collect();
            ServiceAccountRequest::Create { name, permissions, description }
        }
        Command::List(view) => ServiceAccountRequest::List { format: ViewFormat::of(view) },
        Command::Show { account, view } => {
            ServiceAccountRequest::Show { account: account.account, format: ViewFormat::of(view) }
        }
        Command::Disable(named) => set_status(named.account, NewStatus::Disabled),
        Command::Enable(named) => set_status(named.account, NewStatus::Active),
        Command::SetPermissions { account, permissions } => ServiceAccountRequest::SetPermissions {
            account: account.account,
            permissions: permissions.into_iter().collect(),
        },
        Command::Delete(named) => ServiceAccountRequest::Delete { account: named.account },
    }
}

/// Creates the request from the arguments.
pub(in crate::commands) fn key_request(args: cli::ApiKey) -> ApiKeyRequest {
    use cli::ApiKey as Command;
    match args {
        Command::Create { account, name, permissions, expires_in } => {
            let permissions = (!permissions.is_empty()).then(|| permissions.into_iter().collect());
            ApiKeyRequest::Create { account: account.account, name, permissions, expires_in }
        }
        Command::List { account, view } => {
            ApiKeyRequest::List { account: account.account, format: ViewFormat::of(view) }
        }
        Command::Rotate { key, overlap } => {
            ApiKeyRequest::Rotate { account: key.account.account, key: key.key, overlap }
        }
        Command::Revoke(key) => ApiKeyRequest::Revoke { account: key.account.account, key: key.key },
    }
}

impl ServiceAccountRequest {
    pub(in crate::commands) const fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "service-account create",
            Self::List { .. } => "service-account list",
            Self::Show { .. } => "service-account show",
            Self::SetStatus { status: NewStatus::Active, .. } => "service-account enable",
            Self::SetStatus { status: NewStatus::Disabled, .. } => "service-account disable",
            Self::SetPermissions { .. } => "service-account set-permissions",
            Self::Delete { .. } => "service-account delete",
        }
    }

    pub(in crate::commands) const fn store_access(&self) -> StoreAccess {
        match self {
            Self::Create { .. } => StoreAccess::Creates(Purpose::Writing),
            Self::List { .. } | Self::Show { .. } => StoreAccess::Requires(Purpose::Reading),
            Self::SetStatus { .. } | Self::SetPermissions { .. } | Self::Delete { .. } => {
                StoreAccess::Requires(Purpose::Writing)
            }
        }
    }
}

impl ApiKeyRequest {
    pub(in crate::commands) const fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "api-key create",
            Self::List { .. } => "api-key list",
            Self::Rotate { .. } => "api-key rotate",
            Self::Revoke { .. } => "api-key revoke",
        }
    }

    pub(in crate::commands) const fn store_access(&self) -> StoreAccess {
        match self {
            Self::List { .. } => StoreAccess::Requires(Purpose::Reading),
            Self::Create { .. } | Self::Rotate { .. } | Self::Revoke { .. } => {
                StoreAccess::Requires(Purpose::Writing)
            }
        }
    }
}
