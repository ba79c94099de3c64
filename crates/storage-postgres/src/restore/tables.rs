//! The tables of a store.

/// Every table that holds items. What refers to another table comes after it.
pub(super) const TABLES: [&str; 8] = [
    "users",
    "login_names",
    "user_roles",
    "search_grams",
    "service_accounts",
    "api_keys",
    "sessions",
    "audit",
];

/// The schema in which the new tables are made.
pub(super) const STAGING: &str = "roster_restore";
