//! Which pages of other origins may call the API.

use crate::settings::HttpSettings;

/// The request headers that the API reads.
const HEADERS: [&str; 9] = [
    "Authorization",
    "Content-Type",
    "If-Match",
    "If-None-Match",
    "X-Request-Id",
    // Browser tracing adds these automatically: W3C Trace Context and Baggage, Sentry.
    "traceparent",
    "tracestate",
    "baggage",
    "sentry-trace",
];

/// Which pages may call, and which headers they may send.
#[derive(Clone, Debug)]
pub(crate) struct CorsRules {
    pub(crate) origins: Vec<String>,
    pub(crate) headers: PageHeaders,
}

/// The request headers that pages may send, in addition to those that are always allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PageHeaders {
    Any,
    Named(Vec<String>),
}

impl CorsRules {
    pub(crate) fn of(settings: &HttpSettings) -> Self {
        Self { origins: settings.cors_origins.clone(), headers: PageHeaders::with(&settings.cors_headers) }
    }
}

impl PageHeaders {
    /// The headers that the API reads or that tracing adds, and those from the settings; `*` means any.
    fn with(added: &[String]) -> Self {
        if added.iter().any(|name| name == "*") {
            return Self::Any;
        }
        Self::Named(HEADERS.map(str::to_owned).into_iter().chain(added.iter().cloned()).collect())
    }
}
