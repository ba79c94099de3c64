//! A body that is JSON or a form.

use super::body::{self, Input, JSON};
use super::in_turn::{InTurn, in_turn};
use super::json::parse;
use super::receive::{accept, json_as_form, receive};
use crate::code::Code;
use crate::openapi::body::{Presence, media};
use crate::openapi::schema::define;
use crate::problem::{FieldViolation, Problem};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{DefaultOperationRaw, DefaultSchemaRaw};
use paperclip::v2::schema::Apiv2Schema;
use percent_encoding::percent_decode;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// JSON of one shape, or a form of another (WHATWG URL, `application/x-www-form-urlencoded`).
pub(crate) struct BodyOrForm<T>(pub(crate) T);

/// An [`Input`] that can be read from a form.
pub(crate) trait FromForm: Input {
    /// The schema of the form.
    type Form: Apiv2Schema;

    /// Reads the fields of a form. Unknown fields are ignored, since OAuth 2.0 clients send some. A field without a
    /// value counts as omitted (RFC 6749, section 3.2).
    fn from_form(
        fields: impl Iterator<Item = (String, Zeroizing<String>)>,
    ) -> Result<Self, Vec<FieldViolation>>;
}

const FORM: &str = "application/x-www-form-urlencoded";

impl<T: FromForm> FromRequest for BodyOrForm<T> {
    type Error = Problem;
    type Future = InTurn<LocalBoxFuture<'static, Result<Self, Problem>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (own, payload) = (request.clone(), payload.take());
        let extraction = async move {
            let media = accept(own.headers(), &[JSON, FORM])?;
            let bytes = receive(&own, payload).await?;
            let value = if media == FORM { read(&own, &bytes)? } else { read_json(&own, &bytes)? };
            Ok(Self(value))
        };
        in_turn(request, Box::pin(extraction))
    }
}

fn read_json<T: FromForm>(request: &HttpRequest, bytes: &[u8]) -> Result<T, Problem> {
    let value = parse(bytes)?;
    body::validate(request, &value)?;
    Ok(value)
}

fn read<T: FromForm>(request: &HttpRequest, bytes: &[u8]) -> Result<T, Problem> {
    // The parser would put replacement characters into a password.
    let decoded = Zeroizing::new(percent_decode(bytes).collect::<Vec<_>>());
    if std::str::from_utf8(&decoded).is_err() {
        return Err(Problem::new(Code::RequestMalformed).with_detail("The form is not valid UTF-8."));
    }
    let fields = form_urlencoded::parse(bytes).into_owned();
    let fields = fields.map(|(name, value)| (name, Zeroizing::new(value)));
    let form = T::from_form(fields)
        .map_err(|violations| Problem::new(Code::ValidationFailed).with_violations(violations))
        .and_then(|value| body::validate(request, &value).map(|()| value));
    form.map_err(|problem| {
        json_as_form(bytes, FORM, "JSON with `Content-Type: application/json`").unwrap_or(problem)
    })
}

impl<T> Apiv2Schema for BodyOrForm<T> {}

impl<T: FromForm> OperationModifier for BodyOrForm<T> {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        let media = [media::<T>(JSON), media::<T::Form>(FORM)];
        body::describe::<T>(operation, Presence::Required, &media);
    }

    fn update_definitions(definitions: &mut BTreeMap<String, DefaultSchemaRaw>) {
        define(T::raw_schema(), definitions);
        define(T::Form::raw_schema(), definitions);
    }
}
