//! The fields of a user, as shown by exports and the command line.

use jiff::Timestamp;
use roster_domain::{
    Attributes, DisplayName, EmailAddress, ExternalId, LoginAlias, PendingReason, RoleName, Status, User,
};
use serde::{Serialize, Serializer};
use std::borrow::Cow;

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

/// The value of a field. Serializes as JSON.
pub enum FieldValue<'a> {
    /// The user has no such value.
    None,
    /// A text, or a time in RFC 3339 format.
    Text(Cow<'a, str>),
    /// A boolean.
    Flag(bool),
    /// A number.
    Number(u64),
    /// Names, such as those of roles.
    List(Vec<&'a str>),
    /// A JSON object.
    Attributes(&'a Attributes),
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

impl FieldValue<'_> {
    /// The value as text for a table, with lists joined by `separator`; `None` if there is no value.
    #[must_use]
    pub fn to_text(&self, separator: &str) -> Option<String> {
        match self {
            Self::None => None,
            Self::Text(text) => Some(text.clone().into_owned()),
            Self::Flag(flag) => Some(flag.to_string()),
            Self::Number(number) => Some(number.to_string()),
            Self::List(names) => Some(names.join(separator)),
            Self::Attributes(attributes) => Some(serde_json::to_string(attributes).unwrap_or_default()),
        }
    }

    /// Whether the value is missing or `false`.
    #[must_use]
    pub const fn is_unset(&self) -> bool {
        matches!(self, Self::None | Self::Flag(false))
    }
}

impl<'a> From<Option<&'a str>> for FieldValue<'a> {
    fn from(text: Option<&'a str>) -> Self {
        text.map_or(Self::None, |text| Self::Text(text.into()))
    }
}

impl From<Timestamp> for FieldValue<'_> {
    /// In UTC with microseconds, as the API writes times.
    fn from(time: Timestamp) -> Self {
        Self::Text(format!("{time:.6}").into())
    }
}

impl Serialize for FieldValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::List(names) => names.serialize(serializer),
            Self::Attributes(attributes) => attributes.serialize(serializer),
        }
    }
}
