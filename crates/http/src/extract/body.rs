//! JSON bodies.

use super::fields::Violations;
use super::in_turn::{InTurn, in_turn};
use super::json::parse;
use super::receive::{accept, receive, unsupported};
use crate::code::Code;
use crate::openapi::body::{Media, Presence, media, takes_body};
use crate::openapi::errors::add_errors;
use crate::openapi::schema::define;
use crate::problem::{FieldViolation, Problem};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use garde::Validate;
use garde::error::{Path, Report};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{DefaultOperationRaw, DefaultSchemaRaw};
use paperclip::v2::schema::Apiv2Schema;
use roster_auth::password::PasswordPolicy;
use roster_service::Roster;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// A body as clients send it. Each of its fields holds a value or an error.
pub(crate) trait Input:
    DeserializeOwned + Validate<Context = Violations> + Apiv2Schema + 'static
{
    /// Checks the rules that need several fields or the password policy. The fields' own rules are checked already.
    fn check(&self, _: PasswordPolicy, _: &mut Vec<FieldViolation>) {}
}

/// A JSON body, read and validated. Boxed, because it is moved often on its way to the handler.
pub(crate) struct Body<T>(pub(crate) Box<T>);

/// A JSON body that may be left out. Without it the handler gets an empty object.
pub(crate) struct OptionalBody<T>(pub(crate) Box<T>);

/// A JSON merge patch (RFC 7396), read and validated.
pub(crate) struct MergePatch<T>(pub(crate) Box<T>);

pub(super) const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";

impl<T: Input> FromRequest for Body<T> {
    type Error = Problem;
    type Future = InTurn<LocalBoxFuture<'static, Result<Self, Problem>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (own, payload) = (request.clone(), payload.take());
        in_turn(request, Box::pin(async move { read(&own, payload, &[JSON]).await.map(Self) }))
    }
}

impl<T: Input> FromRequest for MergePatch<T> {
    type Error = Problem;
    type Future = InTurn<LocalBoxFuture<'static, Result<Self, Problem>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (own, payload) = (request.clone(), payload.take());
        in_turn(request, Box::pin(async move { read(&own, payload, &[MERGE_PATCH, JSON]).await.map(Self) }))
    }
}

impl<T: Input + Default> FromRequest for OptionalBody<T> {
    type Error = Problem;
    type Future = InTurn<LocalBoxFuture<'static, Result<Self, Problem>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (own, payload) = (request.clone(), payload.take());
        let extraction = async move {
            let outcome = if own.headers().contains_key(header::CONTENT_TYPE) {
                read(&own, payload, &[JSON]).await
            } else {
                // Some clients announce a body and send none. If one does arrive, its type is unknown.
                receive(&own, payload).await.and_then(|_| Err(unsupported(&[JSON])))
            };
            match outcome {
                Err(problem) if problem.code() == Code::BodyMissing => Ok(Self(Box::default())),
                outcome => outcome.map(Self),
            }
        };
        in_turn(request, Box::pin(extraction))
    }
}

async fn read<T: Input>(request: &HttpRequest, payload: Payload, types: &[&str]) -> Result<Box<T>, Problem> {
    accept(request.headers(), types)?;
    let body = parse::<Box<T>>(&receive(request, payload).await?)?;
    validate(request, &*body)?;
    Ok(body)
}

/// Reports every invalid value of a body.
pub(super) fn validate<T: Input>(request: &HttpRequest, body: &T) -> Result<(), Problem> {
    let roster = request.app_data::<Data<Roster>>().ok_or(Code::Internal)?;
    validate_by(*roster.password_policy(), body)
}

pub(super) fn validate_by<T: Input>(policy: PasswordPolicy, body: &T) -> Result<(), Problem> {
    let mut violations = Vec::new();
    body.check(policy, &mut violations);
    // garde's own report can only hold text.
    let fields = Violations::default();
    body.validate_into(&fields, &mut Path::empty, &mut Report::new());
    violations.extend(fields.into_vec());
    if violations.is_empty() {
        return Ok(());
    }
    Err(Problem::new(Code::ValidationFailed).with_violations(violations))
}

/// Describes a body with these media types, and the errors of reading it.
pub(super) fn describe<T: Apiv2Schema>(
    operation: &mut DefaultOperationRaw,
    presence: Presence,
    media: &[Media],
) {
    takes_body::<T>(operation, presence, media);
    add_errors(
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
    if matches!(presence, Presence::Required) {
        add_errors(operation, &[Code::BodyMissing]);
    }
}

macro_rules! describes_its_body {
    ($($name:ident, $presence:ident, [$($media:expr),+];)+) => {$(
        impl<T> Apiv2Schema for $name<T> {}

        impl<T: Apiv2Schema> OperationModifier for $name<T> {
            fn update_parameter(operation: &mut DefaultOperationRaw) {
                describe::<T>(operation, Presence::$presence, &[$(media::<T>($media)),+]);
            }

            fn update_definitions(definitions: &mut BTreeMap<String, DefaultSchemaRaw>) {
                define(T::raw_schema(), definitions);
            }
        }
    )+};
}

describes_its_body! {
    Body, Required, [JSON];
    MergePatch, Required, [JSON, MERGE_PATCH];
    OptionalBody, Optional, [JSON];
}
