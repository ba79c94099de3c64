//! What an object inside a record describes, by its name.

/// Words in the names of objects that describe the account itself.
pub(crate) const CONTAINERS: &[&str] = &[
    "profile",
    "account",
    "user",
    "app",
    "metadata",
    "meta",
    "data",
    "raw",
    "custom",
    "attributes",
    "info",
    "details",
    "security",
    "extra",
    "properties",
    "person",
    "member",
    "claims",
    "state",
    "status",
    "fields",
    "flags",
    "accounts",
    "profiles",
    "users",
    "core",
    "traits",
    "public",
    "private",
];

/// Names of objects that list permissions.
pub(crate) const PERMISSIONS: &[&str] =
    &["permissions", "permission", "rights", "grants", "abilities", "scopes", "capabilities", "privileges"];
