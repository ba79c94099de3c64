//! Requests about service accounts and API keys.

use crate::extract::{Input, Nullable, Optional, Required, Violations};
use crate::problem::Problem;
use crate::rules::Overlap;
use garde::Validate;
use jiff::Timestamp;
use paperclip::actix::Apiv2Schema;
use roster_domain::{AccountStatus, ApiKeyName, Description, Permissions, ServiceAccountName};
use roster_service::{ApiKeyDraft, NewServiceAccount, Rotation, ServiceAccountDraft};
use serde::Deserialize;

/// A new service account.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(Violations))]
#[openapi(rename = "NewServiceAccount", example = r#"{"name": "backup", "permissions": ["users:read"]}"#)]
pub(crate) struct NewServiceAccountBody {
    /// Its name, which must be unique.
    #[garde(dive)]
    name: Required<ServiceAccountName>,
    /// Its purpose.
    #[garde(dive)]
    description: Nullable<Description>,
    /// The maximum permissions of its keys. You can give only permissions that you hold.
    #[garde(dive)]
    permissions: Required<Permissions>,
}

/// A change to a service account.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(Violations))]
#[openapi(rename = "ServiceAccountDraft", example = r#"{"status": "disabled"}"#)]
pub(crate) struct ServiceAccountDraftBody {
    /// Its name.
    #[garde(dive)]
    name: Optional<ServiceAccountName>,
    /// Its purpose; null clears it.
    #[garde(dive)]
    description: Nullable<Description>,
    /// The maximum permissions of its keys. You can give only permissions that you hold.
    #[garde(dive)]
    permissions: Optional<Permissions>,
    /// While it is disabled, its keys do not work.
    #[garde(dive)]
    status: Optional<AccountStatus>,
}

/// A new API key.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(Violations))]
#[openapi(rename = "NewApiKey", example = r#"{"name": "nightly", "expires_at": "2999-01-01T00:00:00Z"}"#)]
pub(crate) struct NewApiKeyBody {
    /// A name for people, which need not be unique.
    #[garde(dive)]
    name: Required<ApiKeyName>,
    /// Its maximum permissions. Default: all permissions of the account.
    #[garde(dive)]
    permissions: Optional<Permissions>,
    /// When it expires. Default: never.
    #[garde(dive)]
    expires_at: Nullable<Timestamp>,
}

/// How to rotate an API key.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(Violations))]
#[openapi(rename = "ApiKeyRotation", example = r#"{"overlap": "15m"}"#)]
pub(crate) struct RotationBody {
    /// How long the old key stays valid beside the new one, at most 30 days. Default: not at all.
    #[garde(dive)]
    overlap: Optional<Overlap>,
    /// When the new key expires; null means never. Default: after the same lifetime that the old key had.
    #[garde(dive)]
    expires_at: Nullable<Timestamp>,
}

impl Input for NewServiceAccountBody {}
impl Input for ServiceAccountDraftBody {}
impl Input for NewApiKeyBody {}
impl Input for RotationBody {}

impl NewServiceAccountBody {
    /// The values, after validation.
    pub(crate) fn into_new(self) -> Result<NewServiceAccount, Problem> {
        Ok(NewServiceAccount {
            name: self.name.into_value()?,
            description: self.description.into_value()?.flatten(),
            permissions: self.permissions.into_value()?,
        })
    }
}

impl ServiceAccountDraftBody {
    /// The values, after validation.
    pub(crate) fn into_draft(self) -> Result<ServiceAccountDraft, Problem> {
        Ok(ServiceAccountDraft {
            name: self.name.into_value()?,
            description: self.description.into_value()?,
            permissions: self.permissions.into_value()?,
            status: self.status.into_value()?,
        })
    }
}

impl NewApiKeyBody {
    /// The values, after validation.
    pub(crate) fn into_draft(self) -> Result<ApiKeyDraft, Problem> {
        Ok(ApiKeyDraft {
            name: self.name.into_value()?,
            permissions: self.permissions.into_value()?,
            expires_at: self.expires_at.into_value()?.flatten(),
        })
    }
}

impl RotationBody {
    /// The values, after validation.
    pub(crate) fn into_rotation(self) -> Result<Rotation, Problem> {
        let overlap = self.overlap.into_value()?.map_or_else(Default::default, |overlap| overlap.0);
        Ok(Rotation { overlap, expires_at: self.expires_at.into_value()? })
    }
}
