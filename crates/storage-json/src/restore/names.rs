//! The names that a restore uses and moves.

use crate::projection::SESSIONS_FILE;

/// The folder in which a restored store is built.
pub(crate) const STAGING: &str = "restore.new";
/// The folder in which a copy is built.
pub(crate) const COPYING: &str = "copy.new";
/// The list of moves, while they are made.
pub(crate) const SWITCH_FILE: &str = "restore.json";
/// What a restore moves besides the store's own files: the keys, the key of older versions, and the first
/// administrator's password.
const BESIDE: [&str; 3] = ["keys", "signing-key.pem", "first-admin-password"];

/// Whether a restore may move this name.
pub(super) fn is_moved(name: &str, users_file: &str) -> bool {
    BESIDE.contains(&name) || is_own(name, users_file) && !name.contains(['/', '\0'])
}

/// Whether a file belongs to the store, including the kept files of older versions and edits.
pub(crate) fn is_own(name: &str, users_file: &str) -> bool {
    if [STAGING, COPYING, SWITCH_FILE].contains(&name) {
        // The users file may be called `copy`.
        return false;
    }
    let beginnings = [users_file, SESSIONS_FILE, "journal-", "audit.", "audit-"];
    beginnings.iter().any(|beginning| name.starts_with(beginning)) || name == "roster.probe"
}
