//! The runtime that drives the connections. Requests and commands come from runtimes that end before the store.

use std::future::pending;
use std::io;
use std::sync::LazyLock;
use std::sync::mpsc::sync_channel;
use std::thread;

use tokio::runtime::{Builder, Handle};

/// The runtime. The first call starts its thread, which runs until the process ends.
///
/// # Errors
/// If the system cannot create it.
pub(super) fn connections() -> io::Result<Handle> {
    static RUNTIME: LazyLock<io::Result<Handle>> = LazyLock::new(start);
    RUNTIME.as_ref().map(Handle::clone).map_err(|error| io::Error::new(error.kind(), error.to_string()))
}

fn start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name("postgres".to_owned()).spawn(move || runtime.block_on(pending::<()>()))?;
    Ok(handle)
}

/// Runs `work` on the runtime of the connections and waits for it. Blocks, and may be called from any thread except that
/// of the connections.
///
/// # Errors
/// If there is no runtime, or `work` panicked.
pub(super) fn wait<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> io::Result<T> {
    let (done, outcome) = sync_channel(1);
    // The receiver waits for as long as the sender exists.
    connections()?.spawn(async move { done.send(work.await) });
    outcome.recv().map_err(io::Error::other)
}
