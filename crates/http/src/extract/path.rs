//! What stands in a path.

use super::rules::FromRaw;
use crate::openapi::errors::refuses;
use crate::problem::{Code, Problem};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{
    DataType, DataTypeFormat, DefaultOperationRaw, DefaultParameterRaw, Either, ParameterIn,
};
use paperclip::v2::schema::Apiv2Schema;
use roster_domain::{ApiKeyId, Principal, ServiceAccountId, SessionId, UserId, policy};
use roster_service::Error;
use std::convert::Infallible;
use std::future::{Ready, ready};

/// Where the metadata of an authorization server is (RFC 8414, section 3).
pub(crate) const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";

/// A user in a path: an id, or `me`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserRef {
    Me,
    Id(UserId),
}

/// A session in a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionRef(pub(crate) SessionId);

/// A service account in a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountRef(pub(crate) ServiceAccountId);

/// An API key in a path, after its account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyRef(pub(crate) ApiKeyId);

/// The name of a file of the docs page.
#[derive(Debug)]
pub(crate) struct AssetName(pub(crate) String);

/// The path of an issuer, behind a path of its own (RFC 8414, section 3.1). It may have several segments.
#[derive(Debug)]
pub(crate) struct IssuerPath(String);

impl IssuerPath {
    /// Whether `issuer` has this path, without a slash at its end.
    pub(crate) fn is_of(&self, issuer: &str) -> bool {
        let path = issuer.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
        !self.0.is_empty() && path.is_some_and(|(_, path)| path.trim_end_matches('/') == self.0)
    }
}

impl UserRef {
    /// The user who is meant.
    ///
    /// # Errors
    /// [`Code::PermissionDenied`] for `me` of a machine.
    pub(crate) fn resolve(self, principal: &Principal) -> Result<UserId, Problem> {
        match self {
            Self::Me => Ok(policy::person(principal).map_err(Error::from)?),
            Self::Id(id) => Ok(id),
        }
    }
}

impl FromRequest for UserRef {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().query("id");
        if text == "me" {
            return ready(Ok(Self::Me));
        }
        let id = UserId::from_raw(&text.to_owned()).map(Self::Id);
        ready(id.map_err(|fault| {
            Problem::new(Code::IdInvalid).with_detail(format!("{}, or \"me\"", fault.message))
        }))
    }
}

impl FromRequest for AssetName {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.match_info().query("asset").to_owned())))
    }
}

impl FromRequest for IssuerPath {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    /// As it was sent, with its escapes: that is how an issuer is compared.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let sent = request.path().strip_prefix(AUTHORIZATION_SERVER).unwrap_or_default();
        ready(Ok(Self(sent.strip_prefix('/').unwrap_or(sent).to_owned())))
    }
}

impl Apiv2Schema for IssuerPath {}
impl Apiv2Schema for UserRef {}
impl Apiv2Schema for AssetName {}

impl OperationModifier for UserRef {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        let pattern = "^(me|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$";
        let parameter = in_path("id", "The id of a user, or `me` for the caller.");
        let parameter = DefaultParameterRaw { pattern: Some(pattern.to_owned()), ..parameter };
        operation.parameters.push(Either::Right(parameter));
        refuses(operation, &[Code::IdInvalid, Code::UserNotFound]);
    }
}

impl OperationModifier for IssuerPath {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        let text = "The path of the issuer, without the slashes around it. It may have several segments, with slashes between \
            them that are not escaped.";
        operation.parameters.push(Either::Right(in_path("issuer_path", text)));
        refuses(operation, &[Code::NotFound]);
    }
}

impl OperationModifier for AssetName {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        operation.parameters.push(Either::Right(in_path("asset", "The name of the file.")));
    }
}

macro_rules! stands_in_a_path {
    ($($ty:ident, $name:literal, $described:literal, $absent:ident;)+) => {$(
        impl FromRequest for $ty {
            type Error = Problem;
            type Future = Ready<Result<Self, Problem>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let id = FromRaw::from_raw(&request.match_info().query($name).to_owned()).map(Self);
                ready(id.map_err(|fault| Problem::new(Code::IdInvalid).with_detail(fault.message)))
            }
        }

        impl Apiv2Schema for $ty {}

        impl OperationModifier for $ty {
            fn update_parameter(operation: &mut DefaultOperationRaw) {
                let parameter = in_path($name, $described);
                let parameter = DefaultParameterRaw { format: Some(DataTypeFormat::Uuid), ..parameter };
                operation.parameters.push(Either::Right(parameter));
                refuses(operation, &[Code::IdInvalid, Code::$absent]);
            }
        }
    )+};
}

stands_in_a_path! {
    SessionRef, "sid", "The id of a session.", SessionNotFound;
    AccountRef, "id", "The id of a service account.", ServiceAccountNotFound;
    KeyRef, "key_id", "The id of an API key.", ApiKeyNotFound;
}

fn in_path(name: &str, description: &str) -> DefaultParameterRaw {
    DefaultParameterRaw {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        in_: ParameterIn::Path,
        required: true,
        data_type: Some(DataType::String),
        ..DefaultParameterRaw::default()
    }
}
