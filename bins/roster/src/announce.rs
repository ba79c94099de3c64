//! Says where the server listens.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::terminal;

/// How long the reader of stdout may take.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// Writes a line for each address to stdout. If nobody reads it, the server goes on without.
///
/// # Errors
/// If stdout cannot be written.
pub(crate) async fn addresses(addresses: &[SocketAddr]) -> anyhow::Result<()> {
    let lines: Vec<_> = addresses.iter().map(|address| format!("listening on http://{address}\n")).collect();
    let lines = lines.concat();
    let (sender, receiver) = oneshot::channel();
    let print = move || {
        // Nobody waits for it any more if it took too long.
        let _ = sender.send(terminal::print(lines));
    };
    thread::Builder::new().name("stdout".to_owned()).spawn(print).context("cannot start a thread")?;
    if let Ok(printed) = timeout(MAX_WAIT, receiver).await {
        return printed.context("the thread that writes to stdout panicked")?;
    }
    tracing::warn!("nobody reads stdout, where the server says on which address it listens");
    Ok(())
}
