//! What an import may do beyond the ordinary.

use super::fields::squashed;
use roster_domain::{RoleName, RoleNameError};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// What the operator allows an import to do. The default is the cautious choice everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportOptions {
    /// Whether a text that no hash scheme recognises is a password.
    pub texts: PasswordTexts,
    /// Whether the old ids are kept.
    pub ids: OldIds,
    /// What the file calls power, and the role that it becomes.
    pub role_mappings: Vec<RoleMapping>,
}

/// Whether a text that no hash scheme recognises is a password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordTexts {
    /// It is not: the person comes in without a password.
    #[default]
    Refuse,
    /// It is one in plain text, unless it is a mask, a placeholder, a marker of a disabled account, the hash of a
    /// scheme that is not known here, or shared by more than three records.
    Accept,
}

/// Whether the ids of the old system are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OldIds {
    /// They become external ids. Those of Roster's own export are kept.
    #[default]
    BecomeExternal,
    /// A UUID that is free stays the id.
    KeepUuids,
}

/// A role, a group or a flag field of the file, and the role that it becomes. Written `NAME=ROLE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleMapping {
    /// The name in the file. Case does not matter, and neither do `_`, `-` and spaces.
    pub name: String,
    /// The role.
    pub role: RoleName,
}

/// Why a text is no [`RoleMapping`].
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RoleMappingError {
    /// No name, or no `=`.
    #[error("expected NAME=ROLE, such as is_superuser=admin")]
    Form,
    /// The second part can be no role.
    #[error(transparent)]
    Role(#[from] RoleNameError),
}

impl RoleMapping {
    /// Whether the file means this by `name`.
    pub(super) fn is_for(&self, name: &str) -> bool {
        squashed(&self.name) == squashed(name)
    }
}

impl ImportOptions {
    /// The mapping for what the file calls `name`, with its position.
    pub(super) fn mapping(&self, name: &str) -> Option<(usize, &RoleName)> {
        let mut mappings = self.role_mappings.iter().enumerate();
        mappings.find(|(_, mapping)| mapping.is_for(name)).map(|(index, mapping)| (index, &mapping.role))
    }
}

impl FromStr for RoleMapping {
    type Err = RoleMappingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A group may have a "=" in its name, as those of LDAP do.
        let (name, role) = text.rsplit_once('=').ok_or(RoleMappingError::Form)?;
        if squashed(name).is_empty() {
            return Err(RoleMappingError::Form);
        }
        Ok(Self { name: name.to_owned(), role: RoleName::new(role)? })
    }
}

impl fmt::Display for RoleMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.role.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_a_name_and_a_role() {
        let mapping: RoleMapping = "cn=Admins,dc=example=admin".parse().unwrap();
        assert_eq!((&*mapping.name, mapping.role.as_str()), ("cn=Admins,dc=example", "admin"));
        assert!("is_superuser=admin".parse::<RoleMapping>().unwrap().is_for("isSuperuser"));
        for wrong in ["", "admin", "=admin", "a=", "a=No Role"] {
            assert!(wrong.parse::<RoleMapping>().is_err(), "{wrong}");
        }
    }
}
