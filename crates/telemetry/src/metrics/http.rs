//! HTTP requests.

use std::time::Duration;

use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts};

use super::durations::BUCKETS;
use super::error::MetricsError;
use super::registry::Registry;

/// Counts requests by method, matched route and status, and measures their duration by method and route.
///
/// The caller bounds the labels: pass a method from a closed set and a route pattern, never a path.
#[derive(Clone, Debug)]
pub struct HttpMetrics {
    requests: IntCounterVec,
    durations: HistogramVec,
    in_flight: IntGauge,
}

impl HttpMetrics {
    /// Registers `http_requests_total`, `http_request_duration_seconds` and `http_requests_in_flight`.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if a name is taken.
    pub fn register(registry: &Registry) -> Result<Self, MetricsError> {
        let requests = Opts::new("http_requests_total", "Requests completed.");
        let requests = IntCounterVec::new(requests, &["method", "route", "status"])?;
        let durations = "Time from the head of a request to the head of its response.";
        let durations =
            HistogramOpts::new("http_request_duration_seconds", durations).buckets(BUCKETS.to_vec());
        let durations = HistogramVec::new(durations, &["method", "route"])?;
        let in_flight = IntGauge::new("http_requests_in_flight", "Requests in flight.")?;
        registry.register(requests.clone())?;
        registry.register(durations.clone())?;
        registry.register(in_flight.clone())?;
        Ok(Self { requests, durations, in_flight })
    }

    /// The requests that have started and were neither completed nor abandoned.
    #[must_use]
    pub fn in_flight(&self) -> i64 {
        self.in_flight.get()
    }

    /// A request has started.
    pub fn started(&self) {
        self.in_flight.inc();
    }

    /// A started request was completed.
    pub fn finished(&self, method: &str, route: &str, status: u16, duration: Duration) {
        self.in_flight.dec();
        let status = digits(status);
        let status = str::from_utf8(&status).unwrap_or("000");
        self.requests.with_label_values(&[method, route, status]).inc();
        self.durations.with_label_values(&[method, route]).observe(duration.as_secs_f64());
    }

    /// A started request was abandoned by its client.
    pub fn abandoned(&self) {
        self.in_flight.dec();
    }
}

/// The three digits of a status (RFC 9110, section 15), without an allocation.
fn digits(status: u16) -> [u8; 3] {
    [100, 10, 1].map(|place| b'0' + u8::try_from(status / place % 10).unwrap_or(0))
}
