//! The form of an OAuth request, and the client that sent it.

use super::client::{ClientSecret, client};
use super::errors::OAuthErrorView;
use crate::code::Code;
use crate::extract::{InTurn, accept, in_turn, json_as_form, receive};
use crate::openapi::body::{Presence, media, takes_body};
use crate::openapi::errors::add_errors;
use crate::openapi::schema::define;
use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{DefaultOperationRaw, DefaultSchemaRaw};
use paperclip::v2::schema::Apiv2Schema;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// A form that was read, and the client that sent it.
pub(super) struct OAuthForm<T> {
    pub(super) request: T,
    /// The client, if it sent a secret.
    pub(super) client: Option<ClientSecret>,
}

/// A request that can be read from the parameters of a form.
pub(super) trait FromParameters: Sized + 'static {
    /// The schema of the form.
    type Form: Apiv2Schema;

    /// Reads the known parameters and ignores the rest (RFC 6749, section 3.2).
    fn read(parameters: &mut Parameters) -> Result<Self, Problem>;
}

/// Unique parameters with a value. One without a value counts as omitted (RFC 6749, section 3.2). All are wiped after
/// use, because any of them may be a secret.
pub(super) struct Parameters(BTreeMap<String, Zeroizing<String>>);

const FORM: &str = "application/x-www-form-urlencoded";

impl Parameters {
    fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        let malformed = |detail| Problem::new(Code::RequestMalformed).with_detail(detail);
        let text = std::str::from_utf8(bytes).map_err(|_| malformed("The form is not valid UTF-8."))?;
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()).into_owned() {
            if !value.is_empty() && parameters.insert(name, Zeroizing::new(value)).is_some() {
                return Err(malformed("The form has a parameter twice."));
            }
        }
        Ok(Self(parameters))
    }

    /// The value of a parameter, if it was sent.
    pub(super) fn take(&mut self, name: &str) -> Option<Zeroizing<String>> {
        self.0.remove(name)
    }

    /// The value of a parameter.
    ///
    /// # Errors
    /// [`Code::RequestMalformed`].
    pub(super) fn require(&mut self, name: &str) -> Result<Zeroizing<String>, Problem> {
        let missing = || Problem::new(Code::RequestMalformed).with_detail(format!("{name} is missing."));
        self.take(name).ok_or_else(missing)
    }
}

impl<T: FromParameters> FromRequest for OAuthForm<T> {
    type Error = Problem;
    type Future = InTurn<LocalBoxFuture<'static, Result<Self, Problem>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (own, payload) = (request.clone(), payload.take());
        let extraction = async move {
            accept(own.headers(), &[FORM])?;
            let bytes = receive(&own, payload).await?;
            let mut parameters = Parameters::parse(&bytes)?;
            let id_and_secret = (parameters.take("client_id"), parameters.take("client_secret"));
            let client = client(own.headers(), id_and_secret)?;
            let request = T::read(&mut parameters)
                .map_err(|problem| json_as_form(&bytes, FORM, "a form").unwrap_or(problem))?;
            Ok(Self { request, client })
        };
        in_turn(request, Box::pin(extraction))
    }
}

impl<T> Apiv2Schema for OAuthForm<T> {}

impl<T: FromParameters> OperationModifier for OAuthForm<T> {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        takes_body::<T::Form>(operation, Presence::Required, &[media::<T::Form>(FORM)]);
        let codes = [
            Code::RequestMalformed,
            Code::ClientInvalid,
            Code::BodyMissing,
            Code::RequestTimeout,
            Code::BodyTooLarge,
            Code::MediaTypeUnsupported,
        ];
        add_errors(operation, &codes);
    }

    fn update_definitions(definitions: &mut BTreeMap<String, DefaultSchemaRaw>) {
        define(T::Form::raw_schema(), definitions);
        define(OAuthErrorView::raw_schema(), definitions);
    }
}
