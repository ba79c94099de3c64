//! What stands between a resource and its handlers.

use crate::problem::{Code, Problem};
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT, HeaderMap};
use actix_web::middleware::Next;
use actix_web::{Error, http::Method};
use futures_util::FutureExt;
use std::any::Any;
use std::panic::AssertUnwindSafe;

/// Turns a panic into a 500. What the handler held is dropped; nothing else is shared with it but what
/// guards itself.
pub(crate) async fn shield(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let kept = request.request().clone();
    let outcome = AssertUnwindSafe(async move { next.call(request).await }).catch_unwind().await;
    outcome.unwrap_or_else(|panic| {
        let problem = Problem::new(Code::Internal).with_cause(said(panic.as_ref()));
        Ok(ServiceResponse::from_err(problem, kept))
    })
}

/// A [`shield`] that also refuses clients who take no JSON, before anything is done (RFC 9110, section 12.5.1).
/// `DELETE` answers with nothing, so it asks for nothing.
pub(crate) async fn json_only(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.method() != Method::DELETE && !takes_json(request.headers()) {
        return Ok(request.error_response(Problem::new(Code::NotAcceptable)));
    }
    shield(request, next).await
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panic: {}", text.unwrap_or("without a message"))
}

/// The most specific range that covers `application/json` decides; no header, or an empty one, takes all.
fn takes_json(headers: &HeaderMap) -> bool {
    let mut best: Option<(u8, bool)> = None;
    let mut named_any = false;
    for value in headers.get_all(ACCEPT) {
        let Ok(value) = value.to_str() else { continue };
        for range in value.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            named_any |= !name.is_empty();
            let Some(rank) = rank(name) else { continue };
            let wanted =
                parts.filter_map(|p| p.strip_prefix("q=")).all(|q| q.parse().is_ok_and(|q: f32| q > 0.0));
            if best.is_none_or(|(known, _)| rank >= known) {
                best = Some((rank, wanted));
            }
        }
    }
    best.map_or(!named_any, |(_, wanted)| wanted)
}

/// How closely a media range names JSON, if it covers it.
fn rank(range: &str) -> Option<u8> {
    const RANGES: [&str; 3] = ["*/*", "application/*", "application/json"];
    let at = RANGES.iter().position(|known| range.eq_ignore_ascii_case(known))?;
    u8::try_from(at).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn takes(value: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_str(value).unwrap());
        takes_json(&headers)
    }

    #[test]
    fn whoever_names_json_or_a_wildcard_takes_json() {
        assert!(takes_json(&HeaderMap::new()));
        for value in ["", "*/*", "application/json", "text/html, application/*;q=0.1", "APPLICATION/JSON;q=1"]
        {
            assert!(takes(value), "{value}");
        }
    }

    #[test]
    fn whoever_excludes_json_does_not() {
        for value in ["text/html", "application/json;q=0", "*/*, application/json;q=0.0", "application/xml"] {
            assert!(!takes(value), "{value}");
        }
    }
}
