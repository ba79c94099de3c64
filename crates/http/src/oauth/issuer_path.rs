//! The path of an issuer, behind the well-known path.

use super::views::AUTHORIZATION_SERVER;
use crate::code::Code;
use crate::extract::in_path;
use crate::openapi::errors::add_errors;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{DefaultOperationRaw, Either};
use paperclip::v2::schema::Apiv2Schema;
use std::convert::Infallible;
use std::future::{Ready, ready};

/// The path of an issuer, which may have several segments (RFC 8414, section 3.1).
#[derive(Debug)]
pub(super) struct IssuerPath(String);

impl IssuerPath {
    /// Whether it is the path of `issuer`, without a trailing slash.
    pub(super) fn is_of(&self, issuer: &str) -> bool {
        let path = issuer.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
        !self.0.is_empty() && path.is_some_and(|(_, path)| path.trim_end_matches('/') == self.0)
    }
}

impl FromRequest for IssuerPath {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    /// The path as sent, with its escapes, because issuers are compared in that form.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let sent = request.path().strip_prefix(AUTHORIZATION_SERVER).unwrap_or_default();
        ready(Ok(Self(sent.strip_prefix('/').unwrap_or(sent).to_owned())))
    }
}

impl Apiv2Schema for IssuerPath {}

impl OperationModifier for IssuerPath {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        let text = "The path of the issuer, without its leading and trailing slash. It may have several segments; the \
            slashes between them are not escaped.";
        operation.parameters.push(Either::Right(in_path("issuer_path", text)));
        add_errors(operation, &[Code::NotFound]);
    }
}
