//! What the objects inside a record are about, by their names.

/// Names of objects that hold what belongs to the account itself, by their words.
pub(super) const CONTAINERS: [&str; 22] = [
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
];

/// Names of objects that list what somebody may do.
pub(super) const PERMISSIONS: [&str; 8] =
    ["permissions", "permission", "rights", "grants", "abilities", "scopes", "capabilities", "privileges"];
