//! What requests say of people.

use crate::extract::{ChosenPassword, KnownPassword, Nullable, Optional, Required};
use crate::problem::Problem;
use garde::Validate;
use jiff::Timestamp;
use paperclip::actix::Apiv2Schema;
use roster_auth::password::PasswordPolicy;
use roster_domain::{
    Attributes, DisplayName, EmailAddress, ExternalId, PasswordKind, PendingReasons, RoleSet, StatusKind,
    UserId, Username, Version,
};
use roster_service::{
    AttributesDraft, Completeness, FixedFields, NewPassword, NewUser, Precondition, PrivilegedFields,
    UserDraft,
};
use serde::Deserialize;

/// Someone to register.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(PasswordPolicy))]
#[openapi(
    rename = "NewUser",
    example = r#"{"username": "ada", "password": "correct horse battery staple", "email": "ada@example.org"}"#
)]
pub(crate) struct NewUserBody {
    /// The name to log in with.
    #[garde(dive)]
    username: Required<Username>,
    /// Not a common one, and not made of the person's own name.
    #[garde(custom(chosen(&self.username, &self.email)))]
    password: ChosenPassword,
    /// Where mail goes.
    #[garde(dive)]
    email: Nullable<EmailAddress>,
    /// What they are called on screen.
    #[garde(dive)]
    display_name: Nullable<DisplayName>,
    /// Needs `users:create`; `["user"]` unless said.
    #[garde(dive)]
    roles: Optional<RoleSet>,
    /// Needs `users:create`; `active` unless said.
    #[garde(dive)]
    status: Optional<StatusKind>,
    /// Needs `users:create`; false unless said.
    #[garde(dive)]
    email_verified: Optional<bool>,
    /// Needs `users:create`. Any JSON object.
    #[garde(dive)]
    attributes: Optional<Attributes>,
    /// Needs `users:create`.
    #[garde(dive)]
    external_id: Nullable<ExternalId>,
    /// Needs `users:create`; false unless said. Whether the password is a temporary one, which they have to replace
    /// before anything else.
    #[garde(dive)]
    must_change_password: Optional<bool>,
}

/// What a user shall be. Fields that nobody may write are accepted with their present value.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(PasswordPolicy))]
#[openapi(
    rename = "UserDraft",
    example = r#"{"username": "ada", "email": "ada@example.org", "display_name": "Ada Lovelace"}"#
)]
pub(crate) struct UserDraftBody {
    /// The name to log in with.
    #[garde(dive)]
    username: Optional<Username>,
    /// Where mail goes; null clears it. A new address is unverified.
    #[garde(dive)]
    email: Nullable<EmailAddress>,
    /// Needs `users:update`.
    #[garde(dive)]
    email_verified: Optional<bool>,
    /// What they are called on screen; null clears it.
    #[garde(dive)]
    display_name: Nullable<DisplayName>,
    /// Needs `users:update`.
    #[garde(dive)]
    status: Optional<StatusKind>,
    /// Needs `users:update`; one may give only what one holds.
    #[garde(dive)]
    roles: Optional<RoleSet>,
    /// Needs `users:update`. PUT replaces them, PATCH merges (RFC 7396); null clears them.
    #[garde(dive)]
    attributes: Nullable<Attributes>,
    /// Needs `users:update`; null clears it.
    #[garde(dive)]
    external_id: Nullable<ExternalId>,
    /// Needs `users:update`, and is for others only. A replacement that leaves it out leaves it as it is.
    #[garde(dive)]
    must_change_password: Optional<bool>,
    /// Read only.
    #[garde(dive)]
    id: Optional<UserId>,
    /// Read only.
    #[garde(dive)]
    created_at: Optional<Timestamp>,
    /// Read only.
    #[garde(dive)]
    updated_at: Optional<Timestamp>,
    /// Read only.
    #[garde(dive)]
    last_login_at: Nullable<Timestamp>,
    /// Read only.
    #[garde(dive)]
    version: Optional<Version>,
    /// Read only.
    #[garde(dive)]
    pending_reasons: Nullable<PendingReasons>,
}

/// Another password.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(PasswordPolicy))]
#[openapi(
    rename = "PasswordChange",
    example = r#"{"current_password": "correct horse battery staple", "password": "four other random words"}"#
)]
pub(crate) struct PasswordChangeBody {
    /// The present one. Needed for oneself, but with a password-change token; refused for anybody else, whose password
    /// is set without.
    #[garde(skip)]
    current_password: KnownPassword,
    /// The new one.
    #[garde(custom(|password: &ChosenPassword, policy: &PasswordPolicy| password.check(*policy, &[])))]
    password: ChosenPassword,
    /// Of somebody else's: whether it is a temporary one, which they have to replace before anything else. Unless said,
    /// that stays as it is. Refused for oneself.
    #[garde(dive)]
    must_change_password: Optional<bool>,
}

/// The policy also knows the person's names, as far as they are valid.
fn chosen<'a>(
    username: &'a Required<Username>,
    email: &'a Nullable<EmailAddress>,
) -> impl FnOnce(&ChosenPassword, &PasswordPolicy) -> garde::Result + use<'a> {
    move |password, policy| {
        let (username, email) = (username.get().ok(), email.get().ok().flatten().flatten());
        let mut own = Vec::new();
        own.extend(username.as_ref().map(Username::as_str));
        own.extend(email.as_ref().map(EmailAddress::as_str));
        password.check(*policy, &own)
    }
}

impl NewUserBody {
    /// The values; they are valid by now.
    pub(crate) fn into_new_user(self) -> Result<NewUser, Problem> {
        Ok(NewUser {
            username: self.username.get()?,
            email: self.email.get()?.flatten(),
            display_name: self.display_name.get()?.flatten(),
            privileged: PrivilegedFields {
                roles: self.roles.get()?,
                status: self.status.get()?,
                email_verified: self.email_verified.get()?,
                attributes: self.attributes.get()?,
                external_id: self.external_id.get()?.flatten(),
                must_change_password: self.must_change_password.get()?,
            },
            password: self.password.take()?,
        })
    }
}

impl UserDraftBody {
    /// The values; they are valid by now. PUT replaces attributes, PATCH merges them.
    pub(crate) fn into_draft(self, completeness: Completeness) -> Result<UserDraft, Problem> {
        let attributes = self.attributes.get()?.map(|given| match (given, completeness) {
            (None, _) => AttributesDraft::Replace(Attributes::default()),
            (Some(attributes), Completeness::Whole) => AttributesDraft::Replace(attributes),
            (Some(patch), Completeness::Partial) => AttributesDraft::Merge(patch.into()),
        });
        Ok(UserDraft {
            username: self.username.get()?,
            email: self.email.get()?,
            email_verified: self.email_verified.get()?,
            display_name: self.display_name.get()?,
            status: self.status.get()?,
            roles: self.roles.get()?,
            attributes,
            external_id: self.external_id.get()?,
            must_change_password: self.must_change_password.get()?,
            fixed: FixedFields {
                id: self.id.get()?,
                created_at: self.created_at.get()?,
                updated_at: self.updated_at.get()?,
                last_login_at: self.last_login_at.get()?,
                version: self.version.get()?,
                pending_reasons: self.pending_reasons.get()?,
            },
        })
    }
}

impl PasswordChangeBody {
    pub(crate) fn into_new_password(self, precondition: Precondition) -> Result<NewPassword, Problem> {
        Ok(NewPassword {
            precondition,
            current: self.current_password.take(),
            kind: self
                .must_change_password
                .get()?
                .map(|must_change| if must_change { PasswordKind::Temporary } else { PasswordKind::Lasting }),
            password: self.password.take()?,
        })
    }
}
