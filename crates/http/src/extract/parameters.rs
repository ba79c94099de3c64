//! The parameters of an OAuth request, and the client that it comes from.

use super::body;
use crate::openapi::errors::refuses;
use crate::openapi::schema;
use crate::problem::{Code, OAuthErrorView, Problem};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::LocalBoxFuture;
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{
    DefaultOperationRaw, DefaultParameterRaw, DefaultSchemaRaw, Either, ParameterIn,
};
use paperclip::v2::schema::Apiv2Schema;
use percent_encoding::percent_decode_str;
use roster_domain::ServiceAccountId;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// A request to an OAuth endpoint: a form, read, and the client that sent it.
pub(crate) struct OAuthForm<T> {
    /// What is asked for.
    pub(crate) asked: T,
    /// The client that shows a secret, if one does.
    pub(crate) client: Option<ClientSecret>,
}

/// A client and its secret: a service account and one of its keys. Not shown.
pub(crate) struct ClientSecret {
    pub(crate) id: ServiceAccountId,
    pub(crate) secret: Zeroizing<String>,
}

/// What is read from the parameters of an OAuth request.
pub(crate) trait FromParameters: Sized + 'static {
    /// The schema of the form.
    type Form: Apiv2Schema;

    /// Takes what it knows; the rest is left aside (RFC 6749, section 3.2).
    fn read(parameters: &mut Parameters) -> Result<Self, Problem>;
}

/// Parameters, each there once and with a value; one without a value counts as omitted (RFC 6749, section 3.2). Any of
/// them may be a secret, so all are wiped.
pub(crate) struct Parameters(BTreeMap<String, Zeroizing<String>>);

const FORM: &[&str] = &["application/x-www-form-urlencoded"];

impl Parameters {
    fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        let malformed = |detail| Problem::new(Code::RequestMalformed).with_detail(detail);
        let text = std::str::from_utf8(bytes).map_err(|_| malformed("The form is not UTF-8."))?;
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()).into_owned() {
            if !value.is_empty() && parameters.insert(name, Zeroizing::new(value)).is_some() {
                return Err(malformed("No parameter may be there twice."));
            }
        }
        Ok(Self(parameters))
    }

    /// The value of a parameter, if it is there.
    pub(crate) fn take(&mut self, name: &str) -> Option<Zeroizing<String>> {
        self.0.remove(name)
    }

    /// The value of a parameter.
    ///
    /// # Errors
    /// [`Code::RequestMalformed`].
    pub(crate) fn need(&mut self, name: &str) -> Result<Zeroizing<String>, Problem> {
        let missing = || Problem::new(Code::RequestMalformed).with_detail(format!("{name} is missing."));
        self.take(name).ok_or_else(missing)
    }
}

impl<T: FromParameters> FromRequest for OAuthForm<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            body::accept(request.headers(), FORM)?;
            let bytes = body::receive(&request, payload).await?;
            let mut parameters = Parameters::parse(&bytes)?;
            let client = client(&request, &mut parameters)?;
            Ok(Self { asked: T::read(&mut parameters)?, client })
        })
    }
}

/// The client, by HTTP Basic or by parameters, not by both (RFC 6749, section 2.3).
fn client(request: &HttpRequest, parameters: &mut Parameters) -> Result<Option<ClientSecret>, Problem> {
    let both = || Problem::new(Code::RequestMalformed).with_detail("A client authenticates in one way only.");
    let (id, secret) = (parameters.take("client_id"), parameters.take("client_secret"));
    let authorization = request.headers().get(header::AUTHORIZATION);
    if authorization.is_some() && secret.is_some() {
        return Err(both());
    }
    let basic = authorization.and_then(|value| value.to_str().ok()?.split_once(' '));
    let basic = basic.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    match (basic, secret) {
        (Some((_, encoded)), _) => {
            let (user, secret) = decode(encoded).ok_or(Code::ClientInvalid)?;
            if id.is_some_and(|id| id != user) {
                return Err(both());
            }
            // Libraries send the id of a public client like this.
            if secret.is_empty() { Ok(None) } else { shown(&user, secret).map(Some) }
        }
        (None, Some(secret)) => shown(&id.ok_or(Code::ClientInvalid)?, secret).map(Some),
        (None, None) => Ok(None),
    }
}

fn shown(id: &str, secret: Zeroizing<String>) -> Result<ClientSecret, Problem> {
    Ok(ClientSecret { id: id.parse().map_err(|_| Code::ClientInvalid)?, secret })
}

/// Both halves are encoded as in a form before they are joined (RFC 6749, section 2.3.1).
fn decode(encoded: &str) -> Option<(Zeroizing<String>, Zeroizing<String>)> {
    let pair = Zeroizing::new(STANDARD.decode(encoded.trim()).ok()?);
    let (id, secret) = str::from_utf8(&pair).ok()?.split_once(':')?;
    Some((decode_half(id)?, decode_half(secret)?))
}

fn decode_half(text: &str) -> Option<Zeroizing<String>> {
    let spaced = Zeroizing::new(text.replace('+', " "));
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(Zeroizing::new(decoded.into_owned()))
}

impl<T> Apiv2Schema for OAuthForm<T> {}

impl<T: FromParameters> OperationModifier for OAuthForm<T> {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        operation.parameters.push(Either::Right(DefaultParameterRaw {
            name: "body".to_owned(),
            in_: ParameterIn::Body,
            required: true,
            schema: Some(schema::define(T::Form::raw_schema(), &mut BTreeMap::new())),
            ..DefaultParameterRaw::default()
        }));
        let codes = [
            Code::RequestMalformed,
            Code::ClientInvalid,
            Code::BodyMissing,
            Code::RequestTimeout,
            Code::BodyTooLarge,
            Code::MediaTypeUnsupported,
        ];
        refuses(operation, &codes);
    }

    fn update_definitions(definitions: &mut BTreeMap<String, DefaultSchemaRaw>) {
        schema::define(T::Form::raw_schema(), definitions);
        schema::define(OAuthErrorView::raw_schema(), definitions);
    }
}
