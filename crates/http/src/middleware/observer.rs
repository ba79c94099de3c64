//! What the metrics learn of requests.

use actix_web::http::Method;
use std::time::Duration;

/// Hears of every request. Implementations must not block: they run on the workers.
pub trait HttpObserver: Send + Sync {
    /// A request's head has been read.
    fn request_started(&self);
    /// A request has been answered.
    fn request_finished(&self, request: &FinishedRequest<'_>);
    /// A client went away before its answer.
    fn request_abandoned(&self);
}

/// A request and its answer, in words that a label can take: no path, no free text.
#[derive(Clone, Copy, Debug)]
pub struct FinishedRequest<'a> {
    /// A method of RFC 9110 or RFC 5789; any other is `other`.
    pub method: &'static str,
    /// The pattern that matched, such as `/users/{id}`, or `unmatched`.
    pub route: &'a str,
    /// The status.
    pub status: u16,
    /// From the request's head to the answer's.
    pub duration: Duration,
}

/// A label from a closed set, so that nobody can make new series by inventing methods.
pub(crate) fn method_label(method: &Method) -> &'static str {
    const LABELS: [&str; 9] =
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];
    LABELS.into_iter().find(|label| *label == method.as_str()).unwrap_or("other")
}
