//! Keys whose values are or may contain secrets.

const SECRETS: [&str; 6] = [
    "auth.jwt_secret",
    "admin.password",
    "storage.sealing_key",
    "migration.verify_secret",
    "migration.devise_pepper",
    "migration.flask_security_salt",
];

/// Addresses that may contain a password.
const ADDRESSES: [&str; 2] = ["storage.url", "storage.read_urls"];

/// Whether the value is never shown.
pub(crate) fn is_secret(key: &str) -> bool {
    SECRETS.contains(&key)
}

/// Whether the variable can have the suffix `_FILE`.
pub(crate) fn may_be_in_file(key: &str) -> bool {
    is_secret(key) || ADDRESSES.contains(&key)
}

/// Whether an invalid value is not shown: it may contain a password, or be a key in place of its path.
pub(crate) fn is_confidential(key: &str) -> bool {
    may_be_in_file(key) || matches!(key, "auth.key_files" | "migration.verify_url")
}
