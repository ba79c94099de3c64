//! Takes a store over from the server that has it open, for a command that replaces it.

use std::time::Duration;

use roster_config::Settings;
use tokio::sync::{mpsc, watch};
use zeroize::Zeroizing;

use crate::cli::ConnectionMode;
use crate::commands::held::{STORE_TIMEOUT, retry_while_held_for};
use crate::commands::request::Request;
use crate::commands::server_of::server_of;
use crate::control::Progress;
use crate::engine::{Engine, OpenError};
use crate::terminal;

/// How long a server may take besides `server.shutdown_timeout`, mainly to write the snapshot.
const MARGIN: Duration = Duration::from_secs(10);

/// Does `begin`, which needs the store for itself. If a server has it open, that leaves it to this process and opens it again
/// when the process has ended.
///
/// # Errors
/// Those of `begin`; if another process keeps the store, how to stop it.
pub(super) async fn take_over<T>(
    engine: &dyn Engine,
    settings: &Settings,
    mode: ConnectionMode,
    begin: impl Fn() -> Result<T, OpenError>,
) -> anyhow::Result<T> {
    match begin() {
        Err(OpenError::Held(_)) => {}
        outcome => return Ok(outcome?),
    }
    let Some(server) = server_of(engine, settings, mode).await? else {
        return retry_while_held_for(STORE_TIMEOUT, begin);
    };
    let request = Zeroizing::new(serde_json::to_vec(&Request::HandOver)?);
    // It prints nothing.
    let (output, _printed) = mpsc::channel(1);
    server.stream(request, output, watch::Sender::new(Progress::default())).await?;
    terminal::note("note: the server leaves its store to this command until it ends");
    retry_while_held_for(settings.server.shutdown_timeout + MARGIN, begin)
}
