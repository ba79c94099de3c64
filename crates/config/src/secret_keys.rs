//! Keys whose values are or may contain secrets.

/// Keys whose values are never shown.
pub(crate) const SECRETS: [&str; 6] = [
    "auth.jwt_secret",
    "admin.password",
    "storage.sealing_key",
    "migration.verify_secret",
    "migration.devise_pepper",
    "migration.flask_security_salt",
];

/// Keys whose variables can have the suffix `_FILE`: secrets, and addresses that may contain a password.
pub(crate) const IN_FILES: [&str; 8] = [
    SECRETS[0],
    SECRETS[1],
    SECRETS[2],
    SECRETS[3],
    SECRETS[4],
    SECRETS[5],
    "storage.url",
    "storage.read_urls",
];

/// Keys whose invalid values are not shown: they may contain a password, or be a key in place of its path.
pub(crate) const CONFIDENTIAL: [&str; 10] = [
    SECRETS[0],
    SECRETS[1],
    SECRETS[2],
    SECRETS[3],
    SECRETS[4],
    SECRETS[5],
    "storage.url",
    "storage.read_urls",
    "auth.key_files",
    "migration.verify_url",
];
