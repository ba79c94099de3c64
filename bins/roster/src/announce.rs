//! Prints the addresses that the server listens on.

use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::terminal;

/// How long to wait for stdout to accept the lines.
const STDOUT_TIMEOUT: Duration = Duration::from_secs(1);

/// Prints one line per address to stdout. If stdout blocks, the server continues after a timeout.
///
/// # Errors
/// If stdout cannot be written to.
pub(crate) async fn addresses(addresses: &[SocketAddr]) -> anyhow::Result<()> {
    let lines: Vec<_> = addresses.iter().map(|address| format!("listening on http://{address}\n")).collect();
    let lines = lines.concat();
    let (sender, receiver) = oneshot::channel();
    let print = move || {
        // The receiver is gone if this took longer than the timeout.
        let _ = sender.send(terminal::print(lines));
    };
    thread::Builder::new().name("stdout".to_owned()).spawn(print).context("cannot start a thread")?;
    if let Ok(printed) = timeout(STDOUT_TIMEOUT, receiver).await {
        return printed.context("the thread that writes to stdout panicked")?;
    }
    tracing::warn!("nothing reads stdout, so the line with the listening address could not be printed");
    Ok(())
}
