//! The fields of users: their names and values, and who may change them.

use crate::field_value::FieldValue;
use crate::names::named;
use crate::{DisplayName, EmailAddress, ExternalId, LoginAlias, PendingReason, RoleName, Status, User};

named! {
    /// A writable field of a user or of a service account.
    Field, "field", "field_invalid" {
        /// `username`
        Username => "username",
        /// `email`
        Email => "email",
        /// `email_verified`
        EmailVerified => "email_verified",
        /// `display_name`
        DisplayName => "display_name",
        /// `status`
        Status => "status",
        /// `roles`
        Roles => "roles",
        /// `attributes`
        Attributes => "attributes",
        /// `external_id`
        ExternalId => "external_id",
        /// `must_change_password`
        MustChangePassword => "must_change_password",
        /// `password`
        Password => "password",
        /// `name` of a service account
        Name => "name",
        /// `description` of a service account
        Description => "description",
        /// `permissions` of a service account
        Permissions => "permissions",
    }
}

impl Field {
    /// The fields that users may write in their own profile.
    pub const OF_OWN_PROFILE: &'static [Self] = &[Self::Username, Self::Email, Self::DisplayName];

    /// The fields that may be written with `users:update`.
    pub const OF_ANY_PROFILE: &'static [Self] = &[
        Self::Username,
        Self::Email,
        Self::EmailVerified,
        Self::DisplayName,
        Self::Status,
        Self::Roles,
        Self::Attributes,
        Self::ExternalId,
        Self::MustChangePassword,
    ];

    /// Whether a change requires [`may_manage`](crate::policy::may_manage).
    #[must_use]
    pub const fn is_protected(self) -> bool {
        !matches!(self, Self::DisplayName | Self::Attributes)
    }
}

named! {
    /// A field whose value only one account may have.
    UniqueField, "field", "field_invalid" {
        /// `username` of a user
        Username => "username",
        /// `email` of a user
        Email => "email",
        /// `external_id` of a user
        ExternalId => "external_id",
        /// `name` of a service account
        Name => "name",
    }
}

/// A field of a user that may be shown. The password hash is not one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserField {
    /// `id`
    Id,
    /// `username`
    Username,
    /// `email`
    Email,
    /// `email_verified`
    EmailVerified,
    /// `display_name`
    DisplayName,
    /// `status`
    Status,
    /// `pending_reasons`, of a pending user.
    PendingReasons,
    /// `disabled_at`, of a disabled user.
    DisabledAt,
    /// `roles`
    Roles,
    /// `must_change_password`
    MustChangePassword,
    /// `attributes`
    Attributes,
    /// `external_id`
    ExternalId,
    /// `login_alias`
    LoginAlias,
    /// `created_at`
    CreatedAt,
    /// `updated_at`
    UpdatedAt,
    /// `last_login_at`
    LastLoginAt,
    /// `version`
    Version,
}

impl UserField {
    /// The fields that every user has, in the order in which they are shown.
    pub const ALWAYS_SHOWN: [Self; 13] = [
        Self::Id,
        Self::Username,
        Self::Email,
        Self::EmailVerified,
        Self::DisplayName,
        Self::Status,
        Self::Roles,
        Self::Attributes,
        Self::ExternalId,
        Self::CreatedAt,
        Self::UpdatedAt,
        Self::LastLoginAt,
        Self::Version,
    ];

    /// The fields that the API shows, in its order.
    pub const IN_API: [Self; 15] = [
        Self::Id,
        Self::Username,
        Self::Email,
        Self::EmailVerified,
        Self::DisplayName,
        Self::Status,
        Self::PendingReasons,
        Self::Roles,
        Self::MustChangePassword,
        Self::Attributes,
        Self::ExternalId,
        Self::CreatedAt,
        Self::UpdatedAt,
        Self::LastLoginAt,
        Self::Version,
    ];

    /// The name of the field, the same as in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Username => "username",
            Self::Email => "email",
            Self::EmailVerified => "email_verified",
            Self::DisplayName => "display_name",
            Self::Status => "status",
            Self::PendingReasons => "pending_reasons",
            Self::DisabledAt => "disabled_at",
            Self::Roles => "roles",
            Self::MustChangePassword => "must_change_password",
            Self::Attributes => "attributes",
            Self::ExternalId => "external_id",
            Self::LoginAlias => "login_alias",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::LastLoginAt => "last_login_at",
            Self::Version => "version",
        }
    }

    /// The value of the field for `user`.
    #[must_use]
    pub fn value(self, user: &User) -> FieldValue<'_> {
        match self {
            Self::Id => FieldValue::Text(user.id.to_string().into()),
            Self::Username => FieldValue::Text(user.username.as_str().into()),
            Self::Email => user.email.as_ref().map(EmailAddress::as_str).into(),
            Self::EmailVerified => FieldValue::Flag(user.email_verified),
            Self::DisplayName => user.display_name.as_ref().map(DisplayName::as_str).into(),
            Self::Status => FieldValue::Text(user.status.kind().as_str().into()),
            Self::PendingReasons => match user.status.pending_reasons() {
                Some(reasons) => FieldValue::List(reasons.iter().map(PendingReason::as_str).collect()),
                None => FieldValue::None,
            },
            Self::DisabledAt => match user.status {
                Status::Disabled { since } => since.into(),
                Status::Active | Status::Pending { .. } => FieldValue::None,
            },
            Self::Roles => FieldValue::List(user.roles().iter().map(RoleName::as_str).collect()),
            Self::MustChangePassword => FieldValue::Flag(user.must_change_password),
            Self::Attributes => FieldValue::Attributes(&user.attributes),
            Self::ExternalId => user.external_id.as_ref().map(ExternalId::as_str).into(),
            Self::LoginAlias => user.login_alias.as_ref().map(LoginAlias::as_str).into(),
            Self::CreatedAt => user.created_at.into(),
            Self::UpdatedAt => user.updated_at.into(),
            Self::LastLoginAt => user.last_login_at.map_or(FieldValue::None, FieldValue::from),
            Self::Version => FieldValue::Number(user.version.get()),
        }
    }
}
