//! Counts the running requests for the metrics, and waits for them on shutdown.

use std::time::Duration;

use roster_http::{FinishedRequest, HttpObserver};
use roster_telemetry::metrics::HttpMetrics;

/// How often to check whether requests are still running.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// How many consecutive polls must find no request. This leaves time to send the last response, and to notice a request
/// that was only just accepted.
const IDLE_POLLS: u32 = 5;

/// Observes every request.
pub(crate) struct Requests {
    metrics: HttpMetrics,
}

impl Requests {
    pub(crate) fn new(metrics: HttpMetrics) -> Self {
        Self { metrics }
    }

    /// Waits until no request is running. Ignores idle connections, which can stay open for minutes.
    pub(crate) async fn wait_until_idle(&self) {
        let mut idle_polls = 0;
        while idle_polls < IDLE_POLLS {
            tokio::time::sleep(POLL_INTERVAL).await;
            idle_polls = if self.metrics.in_flight() == 0 { idle_polls + 1 } else { 0 };
        }
    }
}

impl HttpObserver for Requests {
    fn request_started(&self) {
        self.metrics.started();
    }

    fn request_finished(&self, request: &FinishedRequest<'_>) {
        self.metrics.finished(request.method, request.route, request.status, request.duration);
    }

    fn request_abandoned(&self) {
        self.metrics.abandoned();
    }
}
