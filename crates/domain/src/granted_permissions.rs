//! The permissions of a service account or an API key.

use crate::word::{UnknownWord, Vocabulary, Word};
use roster_identity::{Permission, Permissions};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The permissions that a service account or an API key was granted. A newer version may have granted some that this
/// one does not know: they are kept and shown, and grant nothing here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Word<Permission>>", into = "Vec<Word<Permission>>")]
pub struct GrantedPermissions {
    known: Permissions,
    unknown: BTreeSet<UnknownWord>,
}

impl GrantedPermissions {
    /// The permissions that this version knows, which are all that count.
    #[must_use]
    pub const fn known(&self) -> Permissions {
        self.known
    }

    /// The names of all, first those that this version knows.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.known.iter().map(Permission::as_str).collect();
        names.extend(self.unknown.iter().map(UnknownWord::as_str));
        names
    }
}

impl Vocabulary for Permission {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl From<Permissions> for GrantedPermissions {
    fn from(known: Permissions) -> Self {
        Self { known, unknown: BTreeSet::new() }
    }
}

impl FromIterator<Permission> for GrantedPermissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().collect::<Permissions>().into()
    }
}

impl From<Vec<Word<Permission>>> for GrantedPermissions {
    fn from(words: Vec<Word<Permission>>) -> Self {
        let known = words.iter().filter_map(Word::known).collect();
        let unknown = words.into_iter().filter_map(|word| match word {
            Word::Known(_) => None,
            Word::Unknown(word) => Some(word),
        });
        Self { known, unknown: unknown.collect() }
    }
}

impl From<GrantedPermissions> for Vec<Word<Permission>> {
    fn from(granted: GrantedPermissions) -> Self {
        let unknown = granted.unknown.into_iter().map(Word::Unknown);
        granted.known.iter().map(Word::Known).chain(unknown).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_of_a_newer_version_is_kept_and_grants_nothing() {
        let stored = serde_json::json!(["users:read", "groups:manage"]);
        let granted: GrantedPermissions = serde_json::from_value(stored.clone()).unwrap();
        assert_eq!(granted.known(), [Permission::UsersRead].into_iter().collect());
        assert_eq!(granted.names(), ["users:read", "groups:manage"]);
        assert_eq!(serde_json::to_value(&granted).unwrap(), stored);
    }
}
