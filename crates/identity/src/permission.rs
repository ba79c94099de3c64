//! Permissions and sets of permissions.

use crate::CodedError;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::{BitAnd, BitOr};
use std::str::FromStr;
use thiserror::Error;

/// A permission to do one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Permission {
    /// Read the audit log.
    AuditRead,
    /// Create users with any role that you may grant.
    UsersCreate,
    /// Read and list all users.
    UsersRead,
    /// Change all users.
    UsersUpdate,
    /// Delete all users.
    UsersDelete,
    /// Read `/metrics` if it is protected.
    MetricsRead,
    /// List and revoke all sessions.
    SessionsManage,
    /// Create, change and delete service accounts and their keys.
    ServiceAccountsManage,
    /// Ask whether a token is active.
    TokensIntrospect,
    /// Import users from an uploaded file.
    UsersImport,
    /// Export all users.
    UsersExport,
    /// Export the password hashes with the users.
    UsersExportHashes,
}

impl Permission {
    /// All permissions.
    pub const ALL: [Self; 12] = [
        Self::AuditRead,
        Self::UsersCreate,
        Self::UsersRead,
        Self::UsersUpdate,
        Self::UsersDelete,
        Self::MetricsRead,
        Self::SessionsManage,
        Self::ServiceAccountsManage,
        Self::TokensIntrospect,
        Self::UsersImport,
        Self::UsersExport,
        Self::UsersExportHashes,
    ];

    /// The name in tokens and documents, such as `users:read`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuditRead => "audit:read",
            Self::UsersCreate => "users:create",
            Self::UsersRead => "users:read",
            Self::UsersUpdate => "users:update",
            Self::UsersDelete => "users:delete",
            Self::MetricsRead => "metrics:read",
            Self::SessionsManage => "sessions:manage",
            Self::ServiceAccountsManage => "service_accounts:manage",
            Self::TokensIntrospect => "tokens:introspect",
            Self::UsersImport => "users:import",
            Self::UsersExport => "users:export",
            Self::UsersExportHashes => "users:export-hashes",
        }
    }

    /// What it permits, as a sentence for people.
    #[must_use]
    pub const fn allows(self) -> &'static str {
        match self {
            Self::AuditRead => "Read the audit log.",
            Self::UsersCreate => "Create users, with any role that you may grant.",
            Self::UsersRead => "List and read all users.",
            Self::UsersUpdate => "Change users whose permissions you hold, and set their passwords.",
            Self::UsersDelete => "Delete users whose permissions you hold.",
            Self::MetricsRead => "Read the metrics, if they are protected.",
            Self::SessionsManage => {
                "List all sessions, and revoke those of users whose permissions you hold."
            }
            Self::ServiceAccountsManage => "Create, change and delete service accounts and their API keys.",
            Self::TokensIntrospect => "Ask whether an access token is active.",
            Self::UsersImport => "Import users from a file, with any role that you may grant.",
            Self::UsersExport => "Export all users.",
            Self::UsersExportHashes => {
                "Export the password hashes with the users. The role `admin` does not grant it."
            }
        }
    }
}

/// Why a text does not name a permission.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("there is no permission {named:?}; the permissions are {}", known())]
pub struct PermissionError {
    /// The text, cut to what fits in a message.
    named: Box<str>,
}

impl PermissionError {
    /// The maximum number of characters of the text that are kept.
    const SHOWN: usize = 64;

    fn of(text: &str) -> Self {
        Self { named: text.chars().take(Self::SHOWN).collect() }
    }
}

fn known() -> String {
    Permission::ALL.map(Permission::as_str).join(", ")
}

impl CodedError for PermissionError {
    fn code(&self) -> &'static str {
        "permission_unknown"
    }
}

impl FromStr for Permission {
    type Err = PermissionError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|permission| permission.as_str() == text)
            .ok_or_else(|| PermissionError::of(text))
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of permissions. Its stored form is the list of their names.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<&'static str>")]
pub struct Permissions(u32);

impl Permissions {
    /// No permission.
    pub const NONE: Self = Self(0);

    /// Every permission, also those that the role `admin` does not grant.
    #[must_use]
    pub fn all() -> Self {
        Permission::ALL.into_iter().collect()
    }

    /// Whether `permission` is among them.
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u32) != 0
    }

    /// Whether all of `other` are among them.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These without `permission`.
    #[must_use]
    pub const fn without(self, permission: Permission) -> Self {
        Self(self.0 & !(1 << permission as u32))
    }

    /// The permissions, in the order of [`Permission::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.contains(*permission))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |bits, permission| bits | 1 << permission as u32))
    }
}

impl TryFrom<Vec<String>> for Permissions {
    type Error = PermissionError;
    fn try_from(names: Vec<String>) -> Result<Self, Self::Error> {
        names.iter().map(|name| name.parse::<Permission>()).collect()
    }
}

impl From<Permissions> for Vec<&'static str> {
    fn from(permissions: Permissions) -> Self {
        permissions.iter().map(Permission::as_str).collect()
    }
}

impl BitAnd for Permissions {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Permissions {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Permission::as_str)).finish()
    }
}
