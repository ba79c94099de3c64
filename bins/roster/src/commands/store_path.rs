//! Where the store of a command is.

use std::path::Path;

use anyhow::{Context as _, bail};
use roster_storage_json::JsonStore;

/// Makes sure that there is a store. A command in the wrong folder would find nobody, or begin another.
///
/// # Errors
/// If there is none, with where it was looked for.
pub(super) fn require_store(users_file: &Path) -> anyhow::Result<()> {
    if JsonStore::is_there(users_file) {
        return Ok(());
    }
    users_file.try_exists().with_context(|| {
        format!(
            "cannot look for a store at {}; run this as the server's own account or as root",
            in_full(users_file)
        )
    })?;
    bail!(
        "there is no store at {}; run this where the server runs, or name its settings with --config",
        in_full(users_file)
    )
}

/// The path from the root, in quotes: whoever stands in the wrong folder does not know what the rest is relative to.
pub(super) fn in_full(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    format!("\"{}\"", path.display())
}
