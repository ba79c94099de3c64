//! What requests say of machines.

use crate::extract::{Nullable, Optional, Overlap, Required};
use crate::problem::Problem;
use garde::Validate;
use jiff::Timestamp;
use paperclip::actix::Apiv2Schema;
use roster_auth::password::PasswordPolicy;
use roster_domain::{AccountStatus, ApiKeyName, Description, Permissions, ServiceAccountName};
use roster_service::{ApiKeyDraft, NewServiceAccount, Rotation, ServiceAccountDraft};
use serde::Deserialize;

/// A machine to be.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(PasswordPolicy))]
#[openapi(rename = "NewServiceAccount", example = r#"{"name": "backup", "permissions": ["users:read"]}"#)]
pub(crate) struct NewServiceAccountBody {
    /// What it is called; no other may have the same.
    #[garde(dive)]
    name: Required<ServiceAccountName>,
    /// What it is for.
    #[garde(dive)]
    description: Nullable<Description>,
    /// What its keys may do at most: only what you hold yourself.
    #[garde(dive)]
    permissions: Required<Permissions>,
}

/// What a service account shall be.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(PasswordPolicy))]
#[openapi(rename = "ServiceAccountDraft", example = r#"{"status": "disabled"}"#)]
pub(crate) struct ServiceAccountDraftBody {
    /// What it is called.
    #[garde(dive)]
    name: Optional<ServiceAccountName>,
    /// What it is for; null clears it.
    #[garde(dive)]
    description: Nullable<Description>,
    /// What its keys may do at most: only what you hold yourself.
    #[garde(dive)]
    permissions: Optional<Permissions>,
    /// Disabled, none of its keys is good.
    #[garde(dive)]
    status: Optional<AccountStatus>,
}

/// A key to be.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(PasswordPolicy))]
#[openapi(rename = "NewApiKey", example = r#"{"name": "nightly", "expires_at": "2999-01-01T00:00:00Z"}"#)]
pub(crate) struct NewApiKeyBody {
    /// What people call it; need not be unique.
    #[garde(dive)]
    name: Required<ApiKeyName>,
    /// What it may do at most; all that the account may, unless said.
    #[garde(dive)]
    permissions: Optional<Permissions>,
    /// When it ends; never, unless said.
    #[garde(dive)]
    expires_at: Nullable<Timestamp>,
}

/// How a key is rotated.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(PasswordPolicy))]
#[openapi(rename = "ApiKeyRotation", example = r#"{"overlap": "15m"}"#)]
pub(crate) struct RotationBody {
    /// For how long the old key goes on beside the new one, up to 30 days; it ends at once, unless said.
    #[garde(dive)]
    overlap: Optional<Overlap>,
    /// When the new key ends, null for never. Unless said, it lives as long from now on as the old one was to live when
    /// it was made.
    #[garde(dive)]
    expires_at: Nullable<Timestamp>,
}

impl NewServiceAccountBody {
    /// The values; they are valid by now.
    pub(crate) fn into_new(self) -> Result<NewServiceAccount, Problem> {
        Ok(NewServiceAccount {
            name: self.name.get()?,
            description: self.description.get()?.flatten(),
            permissions: self.permissions.get()?,
        })
    }
}

impl ServiceAccountDraftBody {
    /// The values; they are valid by now.
    pub(crate) fn into_draft(self) -> Result<ServiceAccountDraft, Problem> {
        Ok(ServiceAccountDraft {
            name: self.name.get()?,
            description: self.description.get()?,
            permissions: self.permissions.get()?,
            status: self.status.get()?,
        })
    }
}

impl NewApiKeyBody {
    /// The values; they are valid by now.
    pub(crate) fn into_draft(self) -> Result<ApiKeyDraft, Problem> {
        Ok(ApiKeyDraft {
            name: self.name.get()?,
            permissions: self.permissions.get()?,
            expires_at: self.expires_at.get()?.flatten(),
        })
    }
}

impl RotationBody {
    /// The values; they are valid by now.
    pub(crate) fn into_rotation(self) -> Result<Rotation, Problem> {
        let overlap = self.overlap.get()?.map_or_else(Default::default, |overlap| overlap.0);
        Ok(Rotation { overlap, expires_at: self.expires_at.get()? })
    }
}
