//! What a token grants.

use roster_identity::{Permission, Permissions};
use std::fmt;

/// What a token grants: names separated by spaces (RFC 8693, section 4.2). All names are kept, including those that
/// only another service knows.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Scope(Box<str>);

impl Scope {
    /// Whether the scope includes `name`, such as `users:read`.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.iter().any(|granted| granted == name)
    }

    /// The names, in the token's order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|name| !name.is_empty())
    }

    /// The names that are Roster's own permissions, as far as this version of the crate knows them.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        Permission::ALL.into_iter().filter(|permission| self.contains(permission.as_str())).collect()
    }

    /// The names, separated by spaces.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Scope {
    fn from(names: String) -> Self {
        Self(names.into())
    }
}

impl From<Permissions> for Scope {
    fn from(permissions: Permissions) -> Self {
        permissions.iter().map(Permission::as_str).collect()
    }
}

impl<'a> FromIterator<&'a str> for Scope {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        names.into_iter().collect::<Vec<_>>().join(" ").into()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_granted_only_as_a_whole() {
        let scope = Scope::from("users:read orders:read-all".to_owned());
        assert!(scope.contains("users:read") && scope.contains("orders:read-all"));
        for other in ["users", "orders:read", "users:read orders:read-all", "", " "] {
            assert!(!scope.contains(other), "{other:?}");
        }
        assert!(!Scope::default().contains(""));
    }

    #[test]
    fn permissions_of_roster_survive_the_text_form() {
        let some = Permissions::from_iter([Permission::UsersRead, Permission::MetricsRead]);
        let scope = Scope::from(some);
        assert_eq!((scope.as_str(), scope.permissions()), ("users:read metrics:read", some));
        assert_eq!(Scope::from("made:up".to_owned()).permissions(), Permissions::NONE);
    }
}
