//! The layers directly around a resource's handlers.

use crate::code::Code;
use crate::problem::Problem;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, Accept, Header, HeaderValue, Quality};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
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
/// `DELETE` has an empty answer, so any `Accept` will do.
pub(crate) async fn json_only(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.method() != Method::DELETE && !accepts_json(&request) {
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
fn accepts_json(request: &impl HttpMessage) -> bool {
    let is_empty = |value: &HeaderValue| value.as_bytes().iter().all(|byte| b", \t".contains(byte));
    if request.headers().get_all(ACCEPT).all(is_empty) {
        return true;
    }
    // A range that cannot be parsed covers nothing. A header that is not text is ignored.
    let Ok(Accept(ranges)) = Accept::parse(request) else { return true };
    let covering =
        ranges.iter().filter_map(|range| Some((specificity(range.item.essence_str())?, range.quality)));
    covering.max_by_key(|(specificity, _)| *specificity).is_some_and(|(_, quality)| quality > Quality::ZERO)
}

/// How specific a media range is, if it covers JSON.
fn specificity(range: &str) -> Option<usize> {
    ["*/*", "application/*", "application/json"].iter().position(|known| range.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn accepts(value: &str) -> bool {
        accepts_json(&TestRequest::default().insert_header((ACCEPT, value)).to_srv_request())
    }

    #[test]
    fn json_or_a_wildcard_accepts_json() {
        assert!(accepts_json(&TestRequest::default().to_srv_request()));
        for value in ["", "*/*", "application/json", "text/html, application/*;q=0.1", "APPLICATION/JSON;q=1"]
        {
            assert!(accepts(value), "{value}");
        }
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
