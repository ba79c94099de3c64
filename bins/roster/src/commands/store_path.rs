//! The path of a command's store.

use std::path::Path;

use anyhow::{Context as _, bail};
use roster_storage_json::JsonStore;

/// Checks that the store exists. In the wrong folder, a command would find no users or create a new store.
///
/// # Errors
/// If there is no store. The error contains its expected path.
pub(super) fn require_store(users_file: &Path) -> anyhow::Result<()> {
    if JsonStore::is_there(users_file) {
        return Ok(());
    }
    users_file.try_exists().with_context(|| {
        format!(
            "cannot access a store at {}; run this as the server's own account or as root",
            absolute(users_file)
        )
    })?;
    bail!(
        "there is no store at {}; run this in the server's working directory, or add --config with the server's settings file",
        absolute(users_file)
    )
}

/// The absolute path in quotes, because the user may be in the wrong folder.
pub(super) fn absolute(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    format!("\"{}\"", path.display())
}
