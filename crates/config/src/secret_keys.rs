//! Keys whose values are secrets or may hold one.

/// Keys that are never shown, and whose variables also come as `…_FILE`.
pub(crate) const SECRETS: [&str; 2] = ["auth.jwt_secret", "admin.password"];

/// Keys whose value is not shown when it is refused: it may hold a password, or be a key where the path of one belongs.
pub(crate) const CONFIDENTIAL: [&str; 4] = [SECRETS[0], SECRETS[1], "storage.url", "auth.key_files"];
