//! The requests that are being answered: counted for the metrics, and waited for at the end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use roster_http::{FinishedRequest, HttpObserver};
use roster_telemetry::metrics::HttpMetrics;

/// How often it is looked whether requests still run.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// How many looks in a row must see none: an answer's head has to reach its socket, and a request that was
/// accepted just now has to be seen.
const IDLE_POLLS: u32 = 5;

/// Hears of every request.
pub(crate) struct Requests {
    metrics: HttpMetrics,
    running: AtomicUsize,
}

impl Requests {
    pub(crate) fn new(metrics: HttpMetrics) -> Self {
        Self { metrics, running: AtomicUsize::new(0) }
    }

    /// Waits until no request runs. Idle connections are not waited for: they may stay open for minutes.
    pub(crate) async fn finished(&self) {
        let mut quiet = 0;
        while quiet < IDLE_POLLS {
            tokio::time::sleep(POLL_INTERVAL).await;
            quiet = if self.running.load(Ordering::Relaxed) == 0 { quiet + 1 } else { 0 };
        }
    }
}

impl HttpObserver for Requests {
    fn request_started(&self) {
        self.running.fetch_add(1, Ordering::Relaxed);
        self.metrics.started();
    }

    fn request_finished(&self, request: &FinishedRequest<'_>) {
        self.running.fetch_sub(1, Ordering::Relaxed);
        self.metrics.finished(request.method, request.route, request.status, request.duration);
    }

    fn request_abandoned(&self) {
        self.running.fetch_sub(1, Ordering::Relaxed);
        self.metrics.abandoned();
    }
}
