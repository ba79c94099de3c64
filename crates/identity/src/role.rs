//! Roles and the permissions that they grant.

use crate::{CodedError, Permission, Permissions, text_value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};
use thiserror::Error;

/// The name of a role. An unknown name is kept, and grants nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName(Box<str>);

/// Why a text is not a role name.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoleNameError {
    /// The text is empty.
    #[error("a role name must not be empty")]
    Empty,
    /// More than [`RoleName::MAX_LEN`] characters.
    #[error("a role name has at most {} characters", RoleName::MAX_LEN)]
    TooLong,
    /// A character outside [`RoleName::PATTERN`].
    #[error("a role name consists of a-z, 0-9 and . _ : - and starts with a letter or a digit")]
    Character,
}

impl RoleName {
    /// The role with every permission but [`Permission::UsersExportHashes`].
    pub const ADMIN: &'static str = "admin";
    /// The role that grants [`Permission::UsersExportHashes`] and nothing else. It has the name of the permission.
    pub const HASH_EXPORTER: &'static str = Permission::UsersExportHashes.as_str();
    /// The role of an ordinary user.
    pub const USER: &'static str = "user";
    /// The maximum number of characters.
    pub const MAX_LEN: usize = 64;
    /// The rule as a regular expression.
    pub const PATTERN: &'static str = r"^[a-z0-9][a-z0-9._:-]*$";

    /// Checks a role name.
    ///
    /// # Errors
    /// The first rule of [`RoleNameError`] that the text violates.
    pub fn new(text: impl Into<String>) -> Result<Self, RoleNameError> {
        let text = text.into();
        let first = text.bytes().next().ok_or(RoleNameError::Empty)?;
        if text.len() > Self::MAX_LEN {
            return Err(RoleNameError::TooLong);
        }
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if !plain(first) || !text.bytes().all(|byte| plain(byte) || b"._:-".contains(&byte)) {
            return Err(RoleNameError::Character);
        }
        Ok(Self(text.into()))
    }

    /// The built-in role of an administrator.
    #[must_use]
    pub fn admin() -> Self {
        Self(Self::ADMIN.into())
    }

    /// The built-in role of an ordinary user.
    #[must_use]
    pub fn user() -> Self {
        Self(Self::USER.into())
    }

    /// What the role grants; nothing if the name is unknown.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        match self.as_str() {
            Self::ADMIN => Permissions::all().without(Permission::UsersExportHashes),
            Self::HASH_EXPORTER => [Permission::UsersExportHashes].into_iter().collect(),
            _ => Permissions::NONE,
        }
    }
}

text_value!(RoleName, 0, RoleNameError);

impl CodedError for RoleNameError {
    fn code(&self) -> &'static str {
        "role_invalid"
    }
}

/// The roles of a user: a set, in alphabetical order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<RoleName>")]
pub struct RoleSet(Arc<[RoleName]>);

/// Why roles do not form a set.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum RoleSetError {
    /// More than [`RoleSet::MAX_LEN`] of them.
    #[error("a user has at most {} roles", RoleSet::MAX_LEN)]
    TooMany,
}

impl RoleSet {
    /// The maximum number of roles.
    pub const MAX_LEN: usize = 32;

    /// Collects roles; duplicates count once.
    ///
    /// # Errors
    /// [`RoleSetError::TooMany`].
    pub fn new(roles: impl IntoIterator<Item = RoleName>) -> Result<Self, RoleSetError> {
        let set: BTreeSet<_> = roles.into_iter().collect();
        if set.len() > Self::MAX_LEN {
            Err(RoleSetError::TooMany)
        } else {
            Ok(Self::shared(&set).unwrap_or_else(|| Self(set.into_iter().collect())))
        }
    }

    /// A set that many users have takes memory only once.
    fn shared(set: &BTreeSet<RoleName>) -> Option<Self> {
        match set.first().map(RoleName::as_str) {
            Some(RoleName::USER) if set.len() == 1 => Some(Self::ordinary()),
            _ => None,
        }
    }

    /// The roles of an ordinary user: `user`.
    #[must_use]
    pub fn ordinary() -> Self {
        static ORDINARY: LazyLock<RoleSet> = LazyLock::new(|| RoleSet(Arc::new([RoleName::user()])));
        ORDINARY.clone()
    }

    /// The roles of an administrator: `admin`.
    #[must_use]
    pub fn administrator() -> Self {
        Self(Arc::new([RoleName::admin()]))
    }

    /// The permissions that the roles grant together.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        self.0.iter().fold(Permissions::NONE, |sum, role| sum | role.permissions())
    }

    /// Whether `admin` is among them.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.contains(RoleName::ADMIN)
    }

    /// Whether a role with this name is among them.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|role| role.as_str() == name)
    }

    /// The roles in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &RoleName> {
        self.0.iter()
    }
}

impl CodedError for RoleSetError {
    fn code(&self) -> &'static str {
        "roles_too_many"
    }
}

impl TryFrom<Vec<RoleName>> for RoleSet {
    type Error = RoleSetError;
    fn try_from(roles: Vec<RoleName>) -> Result<Self, Self::Error> {
        Self::new(roles)
    }
}

impl From<RoleSet> for Vec<RoleName> {
    fn from(roles: RoleSet) -> Self {
        roles.0.to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Permission;

    #[test]
    fn admin_holds_every_permission_but_that_to_export_hashes_and_user_none() {
        let held = RoleSet::administrator().permissions();
        let lacking: Vec<_> = Permission::ALL.into_iter().filter(|one| !held.contains(*one)).collect();
        assert_eq!(lacking, [Permission::UsersExportHashes]);
        assert_eq!(RoleSet::ordinary().permissions(), Permissions::NONE);
        assert_eq!(Permissions::all().iter().count(), Permission::ALL.len());
    }

    #[test]
    fn the_role_with_its_name_grants_the_permission_to_export_hashes() {
        let exporter = RoleName::new(RoleName::HASH_EXPORTER).unwrap();
        assert_eq!(exporter.permissions().iter().collect::<Vec<_>>(), [Permission::UsersExportHashes]);
    }

    #[test]
    fn an_unknown_role_is_kept_and_grants_nothing() {
        let roles = RoleSet::new([RoleName::new("moderator").unwrap()]).unwrap();
        assert!(roles.contains("moderator"));
        assert_eq!(roles.permissions(), Permissions::NONE);
    }

    #[test]
    fn a_role_name_has_one_spelling() {
        for text in ["Admin", "-x", "a b", "é", ".a"] {
            assert_eq!(RoleName::new(text), Err(RoleNameError::Character), "{text}");
        }
        assert!(RoleName::new("team:ops-2.eu_west").is_ok());
    }

    #[test]
    fn the_number_of_roles_is_limited() {
        let roles = (0..33).map(|n| RoleName::new(format!("r{n}")).unwrap());
        assert_eq!(RoleSet::new(roles), Err(RoleSetError::TooMany));
    }
}
