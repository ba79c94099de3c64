//! Pages of other origins (CORS, Fetch Standard, section 3.2).

use crate::problem::{Code, Problem, RATE_LIMIT, RATE_LIMIT_REMAINING, RATE_LIMIT_RESET};
use actix_cors::{Cors, CorsError};
use actix_web::http::header::{self, HeaderName, HeaderValue};

/// What pages may send.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const HEADERS: [&str; 5] = ["Authorization", "Content-Type", "If-Match", "If-None-Match", "X-Request-Id"];

/// On what the answer to a preflight depends.
const VARY: HeaderValue =
    HeaderValue::from_static("Origin, Access-Control-Request-Method, Access-Control-Request-Headers");

/// Pages of these origins may call every method and read what they need of the answer. No cookies are involved,
/// so none are allowed.
pub(crate) fn cors(origins: &[String]) -> Cors {
    const SHOWN: [HeaderName; 5] =
        [header::ETAG, header::LOCATION, header::LINK, header::RETRY_AFTER, header::WWW_AUTHENTICATE];
    let cors = Cors::default()
        .allowed_methods(METHODS)
        .allowed_headers(HEADERS)
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
pub(super) fn refusal(error: &CorsError) -> Problem {
    let refused = |detail: String| Problem::new(Code::PreflightRefused).with_detail(detail);
    let problem = match error {
        CorsError::OriginNotAllowed => Code::PreflightRefused.into(),
        CorsError::MethodNotAllowed => refused(format!("Pages may use {}.", METHODS.join(", "))),
        CorsError::HeadersNotAllowed => {
            refused(format!("Of the headers that need leave, pages may send {}.", HEADERS.join(", ")))
        }
        unreadable => Problem::new(Code::RequestMalformed).with_detail(format!("{unreadable}.")),
    };
    problem.with_header(header::VARY, VARY)
}
