//! Pages of other origins (CORS, Fetch Standard, section 3.2).

use super::LayerPlan;
use crate::HttpSettings;
use crate::live::Live;
use crate::problem::{Code, Problem, RATE_LIMIT, RATE_LIMIT_REMAINING, RATE_LIMIT_RESET};
use actix_cors::{Cors, CorsError};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use std::sync::Arc;

/// What pages may send.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const HEADERS: [&str; 9] = [
    "Authorization",
    "Content-Type",
    "If-Match",
    "If-None-Match",
    "X-Request-Id",
    // What the tracing of browsers adds by itself: W3C Trace Context and Baggage, Sentry.
    "traceparent",
    "tracestate",
    "baggage",
    "sentry-trace",
];

/// On what the answer to a preflight depends.
const VARY: HeaderValue =
    HeaderValue::from_static("Origin, Access-Control-Request-Method, Access-Control-Request-Headers");

/// Which pages may call, and what they may send.
#[derive(Clone, Debug)]
pub(crate) struct CorsRules {
    origins: Vec<String>,
    pub(crate) headers: PageHeaders,
}

impl CorsRules {
    pub(crate) fn of(settings: &HttpSettings) -> Self {
        Self { origins: settings.cors_origins.clone(), headers: PageHeaders::with(&settings.cors_headers) }
    }
}

/// The request headers that pages may send besides those that need no leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PageHeaders {
    /// Any.
    Any,
    /// These.
    Named(Vec<String>),
}

impl PageHeaders {
    /// Those that the API reads or that tracing adds, and those that a setting adds; `*` is any.
    fn with(added: &[String]) -> Self {
        if added.iter().any(|name| name == "*") {
            return Self::Any;
        }
        Self::Named(HEADERS.map(str::to_owned).into_iter().chain(added.iter().cloned()).collect())
    }

    fn allow(&self, cors: Cors) -> Cors {
        match self {
            Self::Any => cors.allow_any_header(),
            Self::Named(names) => cors.allowed_headers(names),
        }
    }
}

/// CORS for the origins that may call at the moment; without any it is off.
#[derive(Clone)]
pub(crate) struct CorsPlan(pub(crate) Arc<Live>);

impl LayerPlan for CorsPlan {
    type Layer = Cors;

    fn version(&self) -> u64 {
        self.0.generation()
    }

    fn layer(&self) -> Option<Cors> {
        let rules = self.0.cors();
        (!rules.origins.is_empty()).then(|| cors(&rules))
    }
}

/// Pages of these origins may call every method and read what they need of the answer. No cookies are involved,
/// so none are allowed.
fn cors(CorsRules { origins, headers }: &CorsRules) -> Cors {
    const SHOWN: [HeaderName; 5] =
        [header::ETAG, header::LOCATION, header::LINK, header::RETRY_AFTER, header::WWW_AUTHENTICATE];
    let cors = headers
        .allow(Cors::default())
        .allowed_methods(METHODS)
        .expose_headers(SHOWN)
        .expose_headers([RATE_LIMIT, RATE_LIMIT_REMAINING, RATE_LIMIT_RESET])
        .expose_headers(["x-request-id"])
        .max_age(3600);
    if origins.iter().any(|origin| origin == "*") {
        return cors.allow_any_origin().send_wildcard();
    }
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// Why a preflight was refused, for whoever looks into the browser's tools.
pub(super) fn refusal(error: &CorsError, headers: &PageHeaders) -> Problem {
    let refused = |detail: String| Problem::new(Code::PreflightRefused).with_detail(detail);
    let problem = match (error, headers) {
        (CorsError::OriginNotAllowed, _) => Code::PreflightRefused.into(),
        (CorsError::MethodNotAllowed, _) => refused(format!("Pages may use {}.", METHODS.join(", "))),
        (CorsError::HeadersNotAllowed, PageHeaders::Named(names)) => {
            let names = names.join(", ");
            refused(format!("Pages may send {names}, and what cors.allowed_headers adds to them."))
        }
        (unreadable, _) => Problem::new(Code::RequestMalformed).with_detail(format!("{unreadable}.")),
    };
    problem.with_header(header::VARY, VARY)
}
