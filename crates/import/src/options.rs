//! What the operator allows an import to do.

use crate::firebase_parameters::FirebaseParameters;
use crate::format::file_format::FileFormat;
use crate::mapping::{FieldMapping, ValueMapping};
use crate::naming::normalized;
use roster_auth::password::{PepperId, SaltedForm};
use roster_domain::{RoleName, RoleNameError};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// What the operator allows an import to do. The defaults are the cautious choices.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportOptions {
    /// The format of the file; `None` to tell it by the content.
    pub format: Option<FileFormat>,
    /// Whether an unrecognised text is a password.
    pub texts: PasswordTexts,
    /// Whether fast digests are imported.
    pub weak_hashes: WeakHashes,
    /// How digests are made whose salt is in another column.
    pub salted: Option<SaltedForm>,
    /// The parameters of the Firebase project whose hashes the file has.
    pub firebase: Option<FirebaseParameters>,
    /// The peppers that are in the hashes of the file. The server has to have them, because its logins need them.
    pub peppers: Vec<PepperId>,
    /// Whether the old ids stay the ids.
    pub ids: OldIds,
    /// Which columns of the file are which fields.
    pub field_mappings: Vec<FieldMapping>,
    /// What values of fields mean.
    pub value_mappings: Vec<ValueMapping>,
    /// The role of people whose records name none; `None` for `user`.
    pub default_role: Option<RoleName>,
    /// Which roles, groups and flags of the file become which roles.
    pub role_mappings: Vec<RoleMapping>,
}

/// Whether a text that is no known hash is a password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordTexts {
    /// It is not: the person is imported without a password.
    #[default]
    Refuse,
    /// It is a password in plain text, unless it is a mask, a placeholder, a marker of a disabled account or an
    /// unknown hash, or more than three records share it.
    Accept,
}

/// Whether a hash is imported that is a single round of a fast digest, such as `{SSHA}` or `sha1$salt$digits`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeakHashes {
    /// It is not: the person is imported without a password.
    #[default]
    Refuse,
    /// It is verified at the next login, and replaced.
    Accept,
}

/// Whether the ids of the old system stay the ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OldIds {
    /// They become external ids. The ids in Roster's own exports are kept.
    #[default]
    BecomeExternal,
    /// A UUID stays the id if it is free.
    KeepUuids,
}

/// A role, group or flag of the file, and the role that it becomes. Written `NAME=ROLE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleMapping {
    /// The name in the file. Case, `_`, `-` and spaces do not matter.
    pub name: String,
    /// The role in Roster.
    pub role: RoleName,
}

/// Why a text is not a [`RoleMapping`].
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RoleMappingError {
    /// There is no name, or no `=`.
    #[error("expected NAME=ROLE, such as is_superuser=admin")]
    Form,
    /// The second part is not a role name.
    #[error(transparent)]
    Role(#[from] RoleNameError),
}

impl RoleMapping {
    /// Whether the mapping applies to this name in the file.
    pub(crate) fn is_for(&self, name: &str) -> bool {
        normalized(&self.name) == normalized(name)
    }
}

impl ImportOptions {
    /// The mapping for a name in the file, with its index.
    pub(crate) fn mapping(&self, name: &str) -> Option<(usize, &RoleName)> {
        let mut mappings = self.role_mappings.iter().enumerate();
        mappings.find(|(_, mapping)| mapping.is_for(name)).map(|(index, mapping)| (index, &mapping.role))
    }
}

impl FromStr for RoleMapping {
    type Err = RoleMappingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Names of groups may contain "=", as in LDAP.
        let (name, role) = text.rsplit_once('=').ok_or(RoleMappingError::Form)?;
        if normalized(name).is_empty() {
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
    fn a_mapping_is_parsed_into_name_and_role() {
        let mapping: RoleMapping = "cn=Admins,dc=example=admin".parse().unwrap();
        assert_eq!((&*mapping.name, mapping.role.as_str()), ("cn=Admins,dc=example", "admin"));
        assert!("is_superuser=admin".parse::<RoleMapping>().unwrap().is_for("isSuperuser"));
        for wrong in ["", "admin", "=admin", "a=", "a=No Role"] {
            assert!(wrong.parse::<RoleMapping>().is_err(), "{wrong}");
        }
    }
}
