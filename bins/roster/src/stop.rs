//! Stops the server gracefully.

use std::sync::Arc;

use roster_config::Server;
use roster_http::{Live, ServerHandle};
use tokio::time::sleep;

use crate::requests::Requests;
use crate::signals::StopSignal;

/// The parts of the server that a graceful stop needs.
pub(crate) struct Stop {
    /// Closes the listener.
    pub(crate) handle: ServerHandle,
    /// Tells load balancers and clients about the stop.
    pub(crate) live: Arc<Live>,
    /// Tracks the running requests.
    pub(crate) requests: Arc<Requests>,
}

impl Stop {
    /// Lets running requests finish, for up to `server.shutdown_timeout`, and then closes all connections. New ones are not
    /// accepted. The caller has to poll the server in the meantime.
    pub(crate) async fn hand_over(self, settings: &Server) {
        self.live.drain();
        self.handle.pause().await;
        tokio::select! {
            () = self.requests.wait_until_idle() => {}
            () = sleep(settings.shutdown_timeout) => {
                tracing::warn!("requests are still running after server.shutdown_timeout; they are cut off");
            }
        }
        // An idle connection must not reach a store that has been replaced.
        self.handle.stop(false).await;
    }

    /// Announces the stop. After SIGTERM, continues to serve for `server.drain_delay`. Then closes the listener and
    /// waits up to `server.shutdown_timeout` for running requests. The caller has to poll the server in the meantime.
    pub(crate) async fn run(self, signal: StopSignal, settings: &Server) {
        self.live.drain();
        if signal == StopSignal::Terminate && !settings.drain_delay.is_zero() {
            let seconds = settings.drain_delay.as_secs_f32();
            tracing::info!(
                seconds,
                "/health/ready responds with 503; the listener closes after server.drain_delay"
            );
            sleep(settings.drain_delay).await;
        }
        // `stop` sends its command before its future is awaited. The future also waits for idle connections, so wait
        // for the requests instead.
        let _stopped = self.handle.stop(true);
        tokio::select! {
            () = self.requests.wait_until_idle() => {}
            () = sleep(settings.shutdown_timeout) => {
                tracing::warn!("requests are still running after server.shutdown_timeout; they are cut off");
            }
        }
    }
}
