//! JSON bodies.

use super::{raw, strict};
use crate::openapi::{errors::refuses, schema};
use crate::problem::{Code, FieldViolation, Problem};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use garde::Validate;
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{
    DefaultOperationRaw, DefaultParameterRaw, DefaultSchemaRaw, Either, ParameterIn,
};
use paperclip::v2::schema::Apiv2Schema;
use roster_auth::password::PasswordPolicy;
use roster_service::Roster;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::time::Duration;

/// A body as a request may have it: raw values with rules.
pub(crate) trait Input:
    DeserializeOwned + Validate<Context = PasswordPolicy> + Apiv2Schema + 'static
{
}

impl<T: DeserializeOwned + Validate<Context = PasswordPolicy> + Apiv2Schema + 'static> Input for T {}

/// A JSON body, read and validated.
pub(crate) struct Body<T>(pub(crate) T);

/// A JSON body that may be left out, which says as much as an empty object.
pub(crate) struct OptionalBody<T>(pub(crate) T);

/// A JSON merge patch (RFC 7396), read and validated.
pub(crate) struct MergePatch<T>(pub(crate) T);

/// What is received of a body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyBounds {
    /// The most bytes it may have.
    pub(crate) limit: usize,
    /// How long it may take to arrive.
    pub(crate) timeout: Duration,
}

const JSON: &[&str] = &["application/json"];
const PATCH: &[&str] = &["application/merge-patch+json", "application/json"];

impl<T: Input> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { json(&request, payload, JSON).await.map(Self) })
    }
}

impl<T: Input> FromRequest for MergePatch<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { json(&request, payload, PATCH).await.map(Self) })
    }
}

impl<T: Input + Default> FromRequest for OptionalBody<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let named = request.headers().contains_key(header::CONTENT_TYPE);
            let outcome = if named {
                json(&request, payload, JSON).await
            } else {
                // Some clients announce a body and send none; one that comes is of no type that is taken.
                receive(&request, payload).await.and_then(|_| Err(unsupported(JSON)))
            };
            match outcome {
                Err(problem) if problem.code() == Code::BodyMissing => Ok(Self(T::default())),
                outcome => outcome.map(Self),
            }
        })
    }
}

async fn json<T: Input>(request: &HttpRequest, payload: Payload, types: &[&str]) -> Result<T, Problem> {
    accept(request.headers(), types)?;
    let body = parse(&receive(request, payload).await?)?;
    validate(request, &body)?;
    Ok(body)
}

/// Tells every rule that a body breaks.
pub(super) fn validate<T: Input>(request: &HttpRequest, body: &T) -> Result<(), Problem> {
    let roster = request.app_data::<Data<Roster>>().ok_or(Code::Internal)?;
    validate_by(*roster.password_policy(), body)
}

pub(super) fn validate_by<T: Input>(policy: PasswordPolicy, body: &T) -> Result<(), Problem> {
    body.validate_with(&policy)
        .map_err(|report| Problem::new(Code::ValidationFailed).with_faults(raw::faults(&report)))
}

/// The one of `types` that the request names.
///
/// # Errors
/// [`Code::MediaTypeUnsupported`] for any other type, a charset other than UTF-8, or a coding such as gzip;
/// [`Code::BodyMissing`] if there is no type because there is no body.
pub(super) fn accept<'a>(headers: &HeaderMap, types: &[&'a str]) -> Result<&'a str, Problem> {
    let unsupported = || unsupported(types);
    let Some(named) = headers.get(header::CONTENT_TYPE) else {
        return Err(if is_empty(headers) { Code::BodyMissing.into() } else { unsupported() });
    };
    let named = named.to_str().map_err(|_| unsupported())?;
    let mut parts = named.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let known = types.iter().find(|known| known.eq_ignore_ascii_case(essence)).ok_or_else(unsupported)?;
    let utf8 = |charset: &str| charset.trim_matches('"').eq_ignore_ascii_case("utf-8");
    let mut charsets = parts
        .filter_map(|part| part.split_once('='))
        .filter(|(name, _)| name.eq_ignore_ascii_case("charset"));
    let plain = headers.get(header::CONTENT_ENCODING).is_none_or(|coding| coding == "identity");
    if charsets.all(|(_, charset)| utf8(charset)) && plain { Ok(known) } else { Err(unsupported()) }
}

fn unsupported(types: &[&str]) -> Problem {
    let detail = format!("Send {} in UTF-8, without a content coding.", types.join(" or "));
    Problem::new(Code::MediaTypeUnsupported).with_detail(detail)
}

fn is_empty(headers: &HeaderMap) -> bool {
    let none = headers.get(header::CONTENT_LENGTH).is_none_or(|length| length == "0");
    none && !headers.contains_key(header::TRANSFER_ENCODING)
}

/// The whole body.
///
/// # Errors
/// [`Code::BodyTooLarge`], [`Code::RequestTimeout`], [`Code::BodyMissing`].
pub(super) async fn receive(request: &HttpRequest, payload: Payload) -> Result<Bytes, Problem> {
    let BodyBounds { limit, timeout } = *request.app_data::<BodyBounds>().ok_or(Code::Internal)?;
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    if announced.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > limit as u64) {
        return Err(too_large(limit));
    }
    let bytes =
        tokio::time::timeout(timeout, collect(payload, limit)).await.map_err(|_| Code::RequestTimeout)??;
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

fn broken(error: PayloadError) -> Problem {
    const BROKE_OFF: &str =
        "The body broke off, or its parts are not framed as HTTP asks for. Send it whole.";
    Problem::new(Code::RequestMalformed).with_detail(BROKE_OFF).with_cause(error)
}

fn too_large(limit: usize) -> Problem {
    Problem::new(Code::BodyTooLarge).with_detail(format!("A body has at most {limit} bytes."))
}

/// Reads JSON of a shape.
///
/// # Errors
/// [`Code::JsonMalformed`], [`Code::UnknownField`], [`Code::BodyInvalid`].
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    strict::check(bytes)?;
    // serde would read the fields of a struct from an array, by their order.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        let fault = FieldViolation::new("", "shape_invalid", "expected an object");
        return Err(Problem::new(Code::BodyInvalid).with_faults(vec![fault]));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| misshapen(&error))
}

/// What a client learns of a wrong shape: where, and what was expected; never the value, which may be a password.
fn misshapen(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let text = error.inner().to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let path = error.path().to_string();
    let pointer = if path == "." { String::new() } else { raw::pointer(&path) };
    if let Some((name, known)) = text.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`')) {
        let known = known
            .trim_start_matches(", ")
            .replace("expected one of", "known are")
            .replace("expected", "known is");
        let parent = pointer.strip_suffix(&format!("/{name}")).unwrap_or(&pointer);
        let fault = FieldViolation::new(format!("{parent}/{name}"), "unknown_field", known);
        return Problem::new(Code::UnknownField).with_faults(vec![fault]);
    }
    let expected = text.rsplit_once("expected ").map_or("another shape", |(_, expected)| expected);
    let fault = FieldViolation::new(pointer, "shape_invalid", format!("expected {}", in_json(expected)));
    Problem::new(Code::BodyInvalid).with_faults(vec![fault])
}

/// What serde expects, in the words of JSON (RFC 8259, section 1).
fn in_json(expected: &str) -> &str {
    match expected {
        "a sequence" => "an array",
        "a map" => "an object",
        "a boolean" => "true or false",
        "u64" => "an integer of 0 or more",
        other => other,
    }
}

/// Notes the body, and what reading it may end in.
pub(super) fn documented<T: Apiv2Schema>(operation: &mut DefaultOperationRaw) {
    documented_as::<T>(operation, true);
    refuses(operation, &[Code::BodyMissing]);
}

fn documented_as<T: Apiv2Schema>(operation: &mut DefaultOperationRaw, required: bool) {
    operation.parameters.push(Either::Right(DefaultParameterRaw {
        name: "body".to_owned(),
        in_: ParameterIn::Body,
        required,
        schema: Some(schema::define(T::raw_schema(), &mut BTreeMap::new())),
        ..DefaultParameterRaw::default()
    }));
    refuses(
        operation,
        &[
            Code::RequestMalformed,
            Code::JsonMalformed,
            Code::BodyInvalid,
            Code::UnknownField,
            Code::ValidationFailed,
            Code::RequestTimeout,
            Code::BodyTooLarge,
            Code::MediaTypeUnsupported,
        ],
    );
}

macro_rules! documents_its_body {
    ($($name:ident),+) => {$(
        impl<T> Apiv2Schema for $name<T> {}

        impl<T: Apiv2Schema> OperationModifier for $name<T> {
            fn update_parameter(operation: &mut DefaultOperationRaw) {
                documented::<T>(operation);
            }

            fn update_definitions(definitions: &mut BTreeMap<String, DefaultSchemaRaw>) {
                schema::define(T::raw_schema(), definitions);
            }
        }
    )+};
}

documents_its_body!(Body, MergePatch);

impl<T> Apiv2Schema for OptionalBody<T> {}

impl<T: Apiv2Schema> OperationModifier for OptionalBody<T> {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        documented_as::<T>(operation, false);
    }

    fn update_definitions(definitions: &mut BTreeMap<String, DefaultSchemaRaw>) {
        schema::define(T::raw_schema(), definitions);
    }
}
