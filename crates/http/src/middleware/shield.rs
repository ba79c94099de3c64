//! The layers directly around a resource's handlers.

use crate::code::Code;
use crate::problem::Problem;
use actix_web::Error;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, HeaderMap};
use actix_web::middleware::Next;
use futures_util::FutureExt;
use std::any::Any;
use std::panic::AssertUnwindSafe;

/// Turns a panic into a 500. What the handler owned is dropped; what it shares with others stays consistent through
/// its own guards.
pub(crate) async fn shield(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let kept = request.request().clone();
    let outcome = AssertUnwindSafe(async move { next.call(request).await }).catch_unwind().await;
    outcome.unwrap_or_else(|panic| {
        let problem = Problem::new(Code::Internal).with_cause(message(panic.as_ref()));
        Ok(ServiceResponse::from_err(problem, kept))
    })
}

/// A [`shield`] that also refuses clients that do not accept JSON, before the handler runs (RFC 9110, section 12.5.1).
/// `DELETE` has an empty response, so any `Accept` will do.
pub(crate) async fn json_only(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.method() != Method::DELETE && !accepts_json(request.headers()) {
        return Ok(request.error_response(Problem::new(Code::NotAcceptable)));
    }
    shield(request, next).await
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panic: {}", text.unwrap_or("without a message"))
}

/// The most specific range that covers `application/json` decides. A missing or empty header accepts everything.
///
/// actix's `Accept` drops ranges that it finds malformed: `*/*; q=.2`, which Java's `HttpURLConnection` has sent by default
/// for many versions, and `application/json;`, which RFC 9110, section 5.6.6, allows.
fn accepts_json(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let mut ranges =
        lines.flat_map(|line| line.split(',')).map(str::trim).filter(|range| !range.is_empty()).peekable();
    if ranges.peek().is_none() {
        return true;
    }
    let covering = ranges.filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let specificity = specificity(parts.next()?)?;
        let mut weights = parts.filter_map(|parameter| parameter.strip_prefix("q="));
        let is_wanted = weights.all(|weight| weight.parse().is_ok_and(|weight: f32| weight > 0.0));
        Some((specificity, is_wanted))
    });
    covering.max_by_key(|(specificity, _)| *specificity).is_some_and(|(_, is_wanted)| is_wanted)
}

/// How specific a media range is, if it covers JSON.
fn specificity(range: &str) -> Option<usize> {
    ["*/*", "application/*", "application/json"].iter().position(|known| range.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn accepts(value: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_str(value).unwrap());
        accepts_json(&headers)
    }

    #[test]
    fn json_or_a_wildcard_accepts_json() {
        assert!(accepts_json(&HeaderMap::new()));
        for value in [
            "",
            "*/*",
            "application/json",
            "text/html, application/*;q=0.1",
            "APPLICATION/JSON;q=1",
            "application/json;",
        ] {
            assert!(accepts(value), "{value}");
        }
    }

    #[test]
    fn the_header_of_javas_http_url_connection_accepts_json() {
        assert!(accepts("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"));
    }

    #[test]
    fn other_types_or_a_zero_weight_do_not_accept_json() {
        for value in
            ["text/html", "application/json;q=0", "*/*, application/json;q=0.0", "application/xml", "json"]
        {
            assert!(!accepts(value), "{value}");
        }
    }
}
