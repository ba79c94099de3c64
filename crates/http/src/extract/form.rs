//! A body that is JSON or a form.

use super::body::{self, Input};
use crate::openapi::schema;
use crate::problem::{Code, FieldViolation, Problem};
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

/// What a form is to an [`Input`].
pub(crate) trait FromForm: Input {
    /// The schema of the form.
    type Form: Apiv2Schema;

    /// Takes the fields of a form. Fields that it does not know are left aside: clients of OAuth 2.0 send some. A field
    /// without a value counts as omitted (RFC 6749, section 3.2).
    fn from_form(
        fields: impl Iterator<Item = (String, Zeroizing<String>)>,
    ) -> Result<Self, Vec<FieldViolation>>;
}

const FORM: &str = "application/x-www-form-urlencoded";
const TYPES: &[&str] = &["application/json", FORM];

impl<T: FromForm> FromRequest for BodyOrForm<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let media = body::accept(request.headers(), TYPES)?;
            let bytes = body::receive(&request, payload).await?;
            let value = if media == FORM { read(&bytes)? } else { body::parse(&bytes)? };
            body::validate(&request, &value)?;
            Ok(Self(value))
        })
    }
}

fn read<T: FromForm>(bytes: &[u8]) -> Result<T, Problem> {
    // The parser below would put replacement characters into a password.
    let decoded = Zeroizing::new(percent_decode(bytes).collect::<Vec<_>>());
    if std::str::from_utf8(&decoded).is_err() {
        return Err(Problem::new(Code::RequestMalformed).with_detail("The form is not UTF-8."));
    }
    let fields = form_urlencoded::parse(bytes).into_owned();
    let fields = fields.map(|(name, value)| (name, Zeroizing::new(value)));
    T::from_form(fields).map_err(|faults| Problem::new(Code::ValidationFailed).with_faults(faults))
}

impl<T> Apiv2Schema for BodyOrForm<T> {}

impl<T: FromForm> OperationModifier for BodyOrForm<T> {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        body::documented::<T>(operation);
    }

    fn update_definitions(definitions: &mut BTreeMap<String, DefaultSchemaRaw>) {
        schema::define(T::raw_schema(), definitions);
        schema::define(T::Form::raw_schema(), definitions);
    }
}
