//! Requests about users.

use crate::extract::{Input, KnownPassword, Nullable, Optional, Required, Violations};
use crate::problem::{FieldViolation, Problem};
use crate::rules::RawError;
use garde::Validate;
use jiff::Timestamp;
use paperclip::actix::Apiv2Schema;
use roster_auth::password::{Password, PasswordPolicy};
use roster_domain::{
    Attributes, DisplayName, EmailAddress, ExternalId, PasswordKind, PendingReasons, RoleSet, StatusKind,
    UserId, Username, Version,
};
use roster_service::{
    AttributesDraft, Completeness, FixedFields, NewPassword, NewUser, Precondition, PrivilegedFields,
    UserDraft,
};
use serde::Deserialize;

/// A new user.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(Violations))]
#[openapi(
    rename = "NewUser",
    example = r#"{"username": "ada", "password": "correct horse battery staple", "email": "ada@example.org"}"#
)]
pub(crate) struct NewUserBody {
    /// The name to log in with.
    #[garde(dive)]
    username: Required<Username>,
    /// Not a common password, and not made from the user's own name.
    #[garde(skip)]
    password: Required<Password>,
    /// The email address.
    #[garde(dive)]
    email: Nullable<EmailAddress>,
    /// The name to display.
    #[garde(dive)]
    display_name: Nullable<DisplayName>,
    /// Requires `users:create`. Default: `["user"]`.
    #[garde(dive)]
    roles: Optional<RoleSet>,
    /// Requires `users:create`. Default: `active`.
    #[garde(dive)]
    status: Optional<StatusKind>,
    /// Requires `users:create`. Default: false.
    #[garde(dive)]
    email_verified: Optional<bool>,
    /// Requires `users:create`. Any JSON object.
    #[garde(dive)]
    attributes: Optional<Attributes>,
    /// Requires `users:create`.
    #[garde(dive)]
    external_id: Nullable<ExternalId>,
    /// Requires `users:create`. Whether the password is temporary, so that the user must replace it before anything
    /// else. Default: false.
    #[garde(dive)]
    must_change_password: Optional<bool>,
}

/// A change to a user. Read-only fields are accepted with their current value.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(Violations))]
#[openapi(
    rename = "UserDraft",
    example = r#"{"username": "ada", "email": "ada@example.org", "display_name": "Ada Lovelace"}"#
)]
pub(crate) struct UserDraftBody {
    /// The name to log in with.
    #[garde(dive)]
    username: Optional<Username>,
    /// The email address; null clears it. A new address is unverified.
    #[garde(dive)]
    email: Nullable<EmailAddress>,
    /// Requires `users:update`.
    #[garde(dive)]
    email_verified: Optional<bool>,
    /// The name to display; null clears it.
    #[garde(dive)]
    display_name: Nullable<DisplayName>,
    /// Requires `users:update`.
    #[garde(dive)]
    status: Optional<StatusKind>,
    /// Requires `users:update`. You can give only roles whose permissions you hold.
    #[garde(dive)]
    roles: Optional<RoleSet>,
    /// Requires `users:update`. PUT replaces them, PATCH merges them (RFC 7396); null clears them.
    #[garde(dive)]
    attributes: Nullable<Attributes>,
    /// Requires `users:update`; null clears it.
    #[garde(dive)]
    external_id: Nullable<ExternalId>,
    /// Requires `users:update`; you cannot set it for yourself. PUT without it leaves it unchanged.
    #[garde(dive)]
    must_change_password: Optional<bool>,
    /// Read-only.
    #[garde(dive)]
    id: Optional<UserId>,
    /// Read-only.
    #[garde(dive)]
    created_at: Optional<Timestamp>,
    /// Read-only.
    #[garde(dive)]
    updated_at: Optional<Timestamp>,
    /// Read-only.
    #[garde(dive)]
    last_login_at: Nullable<Timestamp>,
    /// Read-only.
    #[garde(dive)]
    version: Optional<Version>,
    /// Read-only.
    #[garde(dive)]
    pending_reasons: Nullable<PendingReasons>,
}

/// A new password.
#[derive(Default, Deserialize, Validate, Apiv2Schema)]
#[serde(deny_unknown_fields, default)]
#[garde(context(Violations))]
#[openapi(
    rename = "PasswordChange",
    example = r#"{"current_password": "correct horse battery staple", "password": "four other random words"}"#
)]
pub(crate) struct PasswordChangeBody {
    /// The current password. Required for your own password, unless you send a password-change token. Rejected for
    /// other users' passwords.
    #[garde(skip)]
    current_password: KnownPassword,
    /// The new password.
    #[garde(skip)]
    password: Required<Password>,
    /// For another user's password: whether it is temporary, so that they must replace it before anything else.
    /// Default: unchanged. Rejected for your own password.
    #[garde(dive)]
    must_change_password: Optional<bool>,
}

/// Requires a new password that the policy allows.
fn check_password(
    password: &Required<Password>,
    policy: PasswordPolicy,
    own_names: &[&str],
    violations: &mut Vec<FieldViolation>,
) {
    let allowed = |password| policy.check(password, own_names).map_err(|error| RawError::of(&error)).err();
    let error = password.error().or_else(|| password.valid().and_then(allowed));
    violations.extend(error.map(|error| FieldViolation::new("/password", error.code, error.message)));
}

impl Input for NewUserBody {
    /// The policy also needs the user's names, as far as they are valid.
    fn check(&self, policy: PasswordPolicy, violations: &mut Vec<FieldViolation>) {
        let mut own_names = Vec::new();
        own_names.extend(self.username.valid().map(Username::as_str));
        own_names.extend(self.email.valid().map(EmailAddress::as_str));
        check_password(&self.password, policy, &own_names, violations);
    }
}

impl Input for PasswordChangeBody {
    fn check(&self, policy: PasswordPolicy, violations: &mut Vec<FieldViolation>) {
        check_password(&self.password, policy, &[], violations);
    }
}

impl Input for UserDraftBody {}

impl NewUserBody {
    /// The values, after validation.
    pub(crate) fn into_new_user(self) -> Result<NewUser, Problem> {
        Ok(NewUser {
            username: self.username.into_value()?,
            email: self.email.into_value()?.flatten(),
            display_name: self.display_name.into_value()?.flatten(),
            privileged: PrivilegedFields {
                roles: self.roles.into_value()?,
                status: self.status.into_value()?,
                email_verified: self.email_verified.into_value()?,
                attributes: self.attributes.into_value()?,
                external_id: self.external_id.into_value()?.flatten(),
                must_change_password: self.must_change_password.into_value()?,
            },
            password: self.password.into_value()?,
        })
    }
}

impl UserDraftBody {
    /// The values, after validation. PUT replaces attributes, PATCH merges them.
    pub(crate) fn into_draft(self, completeness: Completeness) -> Result<UserDraft, Problem> {
        let attributes = self.attributes.into_value()?.map(|sent| match (sent, completeness) {
            (None, _) => AttributesDraft::Replace(Attributes::default()),
            (Some(attributes), Completeness::Whole) => AttributesDraft::Replace(attributes),
            (Some(patch), Completeness::Partial) => AttributesDraft::Merge(patch.into()),
        });
        Ok(UserDraft {
            username: self.username.into_value()?,
            email: self.email.into_value()?,
            email_verified: self.email_verified.into_value()?,
            display_name: self.display_name.into_value()?,
            status: self.status.into_value()?,
            roles: self.roles.into_value()?,
            attributes,
            external_id: self.external_id.into_value()?,
            must_change_password: self.must_change_password.into_value()?,
            fixed: FixedFields {
                id: self.id.into_value()?,
                created_at: self.created_at.into_value()?,
                updated_at: self.updated_at.into_value()?,
                last_login_at: self.last_login_at.into_value()?,
                version: self.version.into_value()?,
                pending_reasons: self.pending_reasons.into_value()?,
            },
        })
    }
}

impl PasswordChangeBody {
    pub(crate) fn into_new_password(self, precondition: Precondition) -> Result<NewPassword, Problem> {
        Ok(NewPassword {
            precondition,
            current: self.current_password.0,
            kind: self
                .must_change_password
                .into_value()?
                .map(|must_change| if must_change { PasswordKind::Temporary } else { PasswordKind::Lasting }),
            password: self.password.into_value()?,
        })
    }
}
