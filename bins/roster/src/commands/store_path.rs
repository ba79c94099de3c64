//! Checks that a command's store exists.

use anyhow::{Context as _, bail};

use crate::engine::Engine;

/// Checks that the store exists. In the wrong folder, a command would find no users or create a new store.
///
/// # Errors
/// If there is no store. The error contains its expected location.
pub(super) fn require_store(engine: &dyn Engine) -> anyhow::Result<()> {
    let exists = engine.exists().with_context(|| {
        format!(
            "cannot access a store at {}; run this as the server's own account or as root",
            engine.location()
        )
    })?;
    if exists {
        return Ok(());
    }
    bail!(
        "there is no store at {}; run this in the server's working directory, or add --config with the server's settings file",
        engine.location()
    )
}
