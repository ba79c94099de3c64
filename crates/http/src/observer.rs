//! What the metrics observe of requests.

use actix_web::http::Method;
use std::time::Duration;

/// Is called for every request. Implementations run on the worker threads and must not block.
pub trait HttpObserver: Send + Sync {
    /// A request's head was received.
    fn request_started(&self);
    /// A response was sent.
    fn request_finished(&self, request: &FinishedRequest<'_>);
    /// A client disconnected before the response.
    fn request_abandoned(&self);
}

/// A request and its response, in values that can be metric labels: no paths, no free text.
#[derive(Clone, Copy, Debug)]
pub struct FinishedRequest<'a> {
    /// A method of RFC 9110 or RFC 5789, or `other`.
    pub method: &'static str,
    /// The pattern that matched, such as `/users/{id}`, or `unmatched`.
    pub route: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// The time from the request's head to the response's head.
    pub duration: Duration,
}

/// A label from a closed set, so that clients cannot create metric series by inventing methods.
pub(crate) fn method_label(method: &Method) -> &'static str {
    const LABELS: [&str; 9] =
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];
    LABELS.into_iter().find(|label| *label == method.as_str()).unwrap_or("other")
}
