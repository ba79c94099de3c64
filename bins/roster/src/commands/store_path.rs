//! Checks that a command's store exists.

use std::io::ErrorKind;

use anyhow::{anyhow, bail};

use crate::engine::Engine;

/// Checks that the store exists. In the wrong folder, a command would find no users or create a new store.
///
/// # Errors
/// If there is no store. The error contains its expected location.
pub(super) fn require_store(engine: &dyn Engine) -> anyhow::Result<()> {
    let exists = engine.exists().map_err(|error| {
        let remedy = match error.kind() {
            ErrorKind::PermissionDenied => "; run this as the server's own account or as root",
            _ => "",
        };
        anyhow!(error).context(format!("cannot access a store at {}{remedy}", engine.location()))
    })?;
    if exists {
        return Ok(());
    }
    bail!(
        "there is no store at {}; run this in the server's working directory, or add --config with the server's settings file",
        engine.location()
    )
}
