//! SIGTERM and Ctrl-C.

use std::io;
use std::process::exit;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Hears the wish to stop.
pub(crate) struct Stop(watch::Receiver<bool>);

/// Listens for SIGTERM and SIGINT from now on: the first asks to stop, a second one ends the process at once,
/// with 128 and its number as exit code, as a shell would show it.
///
/// # Errors
/// If the system refuses the handlers.
pub(crate) fn listen() -> io::Result<Stop> {
    let mut signals =
        Signals { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? };
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        let first = signals.next().await;
        tracing::info!(signal = first.name, "stopping");
        let _ = sender.send(true);
        exit(signals.next().await.exit_code);
    });
    Ok(Stop(receiver))
}

impl Stop {
    /// Waits until somebody wishes to stop.
    pub(crate) async fn requested(&mut self) {
        if self.0.wait_for(|wished| *wished).await.is_err() {
            // Nobody listens any more, so nobody will ever ask.
            std::future::pending::<()>().await;
        }
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

struct Heard {
    name: &'static str,
    exit_code: i32,
}

impl Signals {
    async fn next(&mut self) -> Heard {
        tokio::select! {
            _ = self.terminate.recv() => Heard { name: "SIGTERM", exit_code: 143 },
            _ = self.interrupt.recv() => Heard { name: "SIGINT", exit_code: 130 },
        }
    }
}
