//! The server that has a store open.

use roster_config::Settings;

use crate::cli::ConnectionMode;
use crate::control::{ConnectOutcome, Server, connect, control_socket};
use crate::engine::Engine;

/// Connects to the server that has this store open; `None` if none accepts commands, or the command is to use none.
///
/// # Errors
/// If it has another version, is busy, or this user may not run commands.
pub(super) async fn server_of(
    engine: &dyn Engine,
    settings: &Settings,
    mode: ConnectionMode,
) -> anyhow::Result<Option<Server>> {
    if mode == ConnectionMode::Offline {
        return Ok(None);
    }
    let Some(path) = control_socket(&settings.server, engine.folder()) else { return Ok(None) };
    match connect(&path, engine.identity(), engine.database()).await? {
        ConnectOutcome::Server(server) => Ok(Some(server)),
        ConnectOutcome::Unavailable(_) => Ok(None),
    }
}
