//! The end of serving.

use std::sync::Arc;

use roster_config::Server;
use roster_http::{Live, ServerHandle};
use tokio::time::sleep;

use crate::requests::Requests;
use crate::signals::StopSignal;

/// What a stop works with.
pub(crate) struct Stop {
    /// Closes the listener.
    pub(crate) handle: ServerHandle,
    /// Announces the stop to load balancers and clients.
    pub(crate) live: Arc<Live>,
    /// The requests that run.
    pub(crate) requests: Arc<Requests>,
}

impl Stop {
    /// Announces the stop; after a SIGTERM goes on serving for `server.drain_delay`; then closes the listener and waits
    /// for the running requests, for `server.shutdown_timeout` at most. The server has to be polled meanwhile.
    pub(crate) async fn run(self, signal: StopSignal, settings: &Server) {
        self.live.drain();
        if signal == StopSignal::Terminate && !settings.drain_delay.is_zero() {
            let seconds = settings.drain_delay.as_secs_f32();
            tracing::info!(seconds, "/health/ready says 503; the listener closes after server.drain_delay");
            sleep(settings.drain_delay).await;
        }
        // The command is on its way before its future is awaited. What is waited for is the requests: the server
        // itself would wait for idle connections too.
        let _stopped = self.handle.stop(true);
        tokio::select! {
            () = self.requests.finished() => {}
            () = sleep(settings.shutdown_timeout) => {
                tracing::warn!("requests still run after server.shutdown_timeout; they are cut off");
            }
        }
    }
}
