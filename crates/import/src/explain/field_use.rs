//! What a field of a record is used for.

use crate::names::ids::is_id_name;
use crate::names::record_names::is_email_name;
use crate::naming::normalized;
use serde::Serialize;
use std::fmt;

/// What a field is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldUse {
    /// The id in the old system.
    Id,
    /// The username.
    Username,
    /// The email address.
    Email,
    /// The name to show.
    DisplayName,
    /// A password or a hash.
    Password,
    /// Roles and privileges.
    Role,
    /// Whether the account is locked, closed or not confirmed.
    Status,
    /// Whether the address was verified.
    EmailVerified,
    /// When the account was created.
    CreatedAt,
    /// When the account was last changed.
    UpdatedAt,
    /// When the person last logged in.
    LastLoginAt,
    /// Nothing else: it stays as an attribute.
    Attribute,
    /// It looks like a secret, and is dropped.
    Dropped,
    /// It describes an export of Roster.
    Export,
}

impl FieldUse {
    /// The use of a field that was taken for the names of the person.
    pub(crate) fn of_name(field: &str) -> Self {
        let name = normalized(field);
        match name.as_str() {
            name if is_id_name(name) => Self::Id,
            name if is_email_name(name) => Self::Email,
            _ => Self::Username,
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Username => "username",
            Self::Email => "email address",
            Self::DisplayName => "display name",
            Self::Password => "password",
            Self::Role => "roles",
            Self::Status => "status",
            Self::EmailVerified => "whether the address is verified",
            Self::CreatedAt => "time of creation",
            Self::UpdatedAt => "time of the last change",
            Self::LastLoginAt => "time of the last login",
            Self::Attribute => "attribute",
            Self::Dropped => "dropped as a secret",
            Self::Export => "mark of an export",
        }
    }
}

impl fmt::Display for FieldUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
