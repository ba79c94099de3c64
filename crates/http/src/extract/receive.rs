//! Receives a body: checks its media type, its size and how long it takes.

use crate::code::Code;
use crate::problem::Problem;
use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{Bytes, BytesMut};
use futures_util::{FutureExt, StreamExt};
use std::pin::pin;
use std::time::Duration;

/// The limits for a body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyBounds {
    /// The maximum size in bytes.
    pub(crate) limit: usize,
    /// How long it may take to arrive.
    pub(crate) timeout: Duration,
}

/// The one of `types` that the request's `Content-Type` names.
///
/// # Errors
/// [`Code::MediaTypeUnsupported`] for any other type, a charset other than UTF-8, or a content coding such as gzip;
/// [`Code::BodyMissing`] if there is no type because there is no body.
pub(crate) fn accept<'a>(headers: &HeaderMap, types: &[&'a str]) -> Result<&'a str, Problem> {
    let unsupported = || unsupported(types);
    let Some(sent) = headers.get(header::CONTENT_TYPE) else {
        return Err(if is_empty(headers) { Code::BodyMissing.into() } else { unsupported() });
    };
    let sent = sent.to_str().map_err(|_| unsupported())?;
    let mut parts = sent.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let known = types.iter().find(|known| known.eq_ignore_ascii_case(essence)).ok_or_else(unsupported)?;
    let is_utf8 = |charset: &str| charset.trim_matches('"').eq_ignore_ascii_case("utf-8");
    let mut charsets = parts
        .filter_map(|part| part.split_once('='))
        .filter(|(name, _)| name.eq_ignore_ascii_case("charset"));
    let is_plain = headers.get(header::CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
    if charsets.all(|(_, charset)| is_utf8(charset)) && is_plain { Ok(known) } else { Err(unsupported()) }
}

/// The problem of a body whose type is not in `types`.
pub(super) fn unsupported(types: &[&str]) -> Problem {
    let detail = format!("Send {} in UTF-8, without a content coding.", types.join(" or "));
    Problem::new(Code::MediaTypeUnsupported).with_detail(detail)
}

/// The problem of JSON that was sent as a form, if `bytes` are JSON. `curl -d` names a form unless told otherwise.
pub(crate) fn json_as_form(bytes: &[u8], form: &str, accepted: &str) -> Option<Problem> {
    bytes.trim_ascii_start().starts_with(b"{").then(|| {
        let detail = format!("The body is JSON, but its Content-Type is {form}. Send {accepted}.");
        Problem::new(Code::MediaTypeUnsupported).with_detail(detail)
    })
}

fn is_empty(headers: &HeaderMap) -> bool {
    let no_length = headers.get(header::CONTENT_LENGTH).is_none_or(|length| length == "0");
    no_length && !headers.contains_key(header::TRANSFER_ENCODING)
}

/// The whole body.
///
/// # Errors
/// [`Code::BodyTooLarge`], [`Code::RequestTimeout`], [`Code::BodyMissing`].
pub(crate) async fn receive(request: &HttpRequest, payload: Payload) -> Result<Bytes, Problem> {
    let BodyBounds { limit, timeout } = *request.app_data::<BodyBounds>().ok_or(Code::Internal)?;
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if announced.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    let mut body = pin!(collect(payload, limit));
    // A small body arrives together with the head, and needs no timer.
    let bytes = match body.as_mut().now_or_never() {
        Some(bytes) => bytes?,
        None => tokio::time::timeout(timeout, body).await.map_err(|_| Code::RequestTimeout)??,
    };
    if bytes.is_empty() { Err(Code::BodyMissing.into()) } else { Ok(bytes) }
}

async fn collect(mut payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(broken)?;
        if bytes.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// The problem of a body that did not arrive whole.
pub(super) fn broken(error: PayloadError) -> Problem {
    const INCOMPLETE: &str = "The body ended early or its HTTP framing is invalid. Send all of it.";
    Problem::new(Code::RequestMalformed).with_detail(INCOMPLETE).with_cause(error)
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Code::BodyTooLarge).with_detail(format!("A body can have at most {limit} bytes."))
}
