//! Requests from pages of other origins (CORS, Fetch Standard, section 3.2).

use super::replaceable::LayerPlan;
use crate::code::Code;
use crate::cors_rules::{CorsRules, PageHeaders};
use crate::live::Live;
use crate::problem::{Problem, RATE_LIMIT, RATE_LIMIT_REMAINING, RATE_LIMIT_RESET};
use actix_cors::{Cors, CorsError};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use std::sync::Arc;

/// The methods that pages may use.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// The request headers that the response to a preflight depends on.
const VARY: HeaderValue =
    HeaderValue::from_static("Origin, Access-Control-Request-Method, Access-Control-Request-Headers");

/// CORS for the origins in the current rules. Off if there are none.
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

/// Pages of these origins may use every method and read the headers that they need. Credentials are not allowed, since
/// the API uses no cookies.
fn cors(CorsRules { origins, headers }: &CorsRules) -> Cors {
    const EXPOSED: [HeaderName; 5] =
        [header::ETAG, header::LOCATION, header::LINK, header::RETRY_AFTER, header::WWW_AUTHENTICATE];
    let cors = match headers {
        PageHeaders::Any => Cors::default().allow_any_header(),
        PageHeaders::Named(names) => Cors::default().allowed_headers(names),
    };
    let cors = cors
        .allowed_methods(METHODS)
        .expose_headers(EXPOSED)
        .expose_headers([RATE_LIMIT, RATE_LIMIT_REMAINING, RATE_LIMIT_RESET])
        .expose_headers(["x-request-id"])
        .max_age(3600);
    if origins.iter().any(|origin| origin == "*") {
        return cors.allow_any_origin().send_wildcard();
    }
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// Why a preflight was refused, for developers who look at it in the browser.
pub(super) fn refusal(error: &CorsError, headers: &PageHeaders) -> Problem {
    let refused = |detail: String| Problem::new(Code::PreflightRefused).with_detail(detail);
    let problem = match (error, headers) {
        (CorsError::OriginNotAllowed, _) => Code::PreflightRefused.into(),
        (CorsError::MethodNotAllowed, _) => {
            refused(format!("Pages may use these methods: {}.", METHODS.join(", ")))
        }
        (CorsError::HeadersNotAllowed, PageHeaders::Named(names)) => {
            let names = names.join(", ");
            refused(format!("Pages may send these headers: {names}. cors.allowed_headers adds others."))
        }
        (malformed, _) => Problem::new(Code::RequestMalformed).with_detail(format!("{malformed}.")),
    };
    problem.with_header(header::VARY, VARY)
}
