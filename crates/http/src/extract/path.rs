//! Path parameters.

use super::in_turn::{InTurn, in_turn};
use crate::code::Code;
use crate::openapi::errors::add_errors;
use crate::problem::Problem;
use crate::rules::FromRaw;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{
    DataType, DataTypeFormat, DefaultOperationRaw, DefaultParameterRaw, Either, ParameterIn,
};
use paperclip::v2::schema::Apiv2Schema;
use roster_domain::{ApiKeyId, JobId, Principal, ServiceAccountId, SessionId, UserId, policy};
use roster_service::Error;
use std::convert::Infallible;
use std::future::{Ready, ready};

/// A user in a path: an id, or `me`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserRef {
    Me,
    Id(UserId),
}

/// A session in a path, by id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionRef(pub(crate) SessionId);

/// A service account in a path, by id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AccountRef(pub(crate) ServiceAccountId);

/// An API key in a path, by id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyRef(pub(crate) ApiKeyId);

/// A job in a path, by id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JobRef(pub(crate) JobId);

/// The name of a file that the docs page uses.
#[derive(Debug)]
pub(crate) struct AssetName(pub(crate) String);

impl UserRef {
    /// The id of the user.
    ///
    /// # Errors
    /// [`Code::PermissionDenied`] if a service account asks for `me`.
    pub(crate) fn resolve(self, principal: &Principal) -> Result<UserId, Problem> {
        match self {
            Self::Me => Ok(policy::person(principal).map_err(Error::from)?),
            Self::Id(id) => Ok(id),
        }
    }
}

impl FromRequest for UserRef {
    type Error = Problem;
    type Future = InTurn<Ready<Result<Self, Problem>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().query("id");
        let user = if text == "me" { Ok(Self::Me) } else { UserId::from_raw(text.to_owned()).map(Self::Id) };
        let user = user.map_err(|error| {
            Problem::new(Code::IdInvalid).with_detail(format!("{}, or \"me\"", error.message))
        });
        in_turn(request, ready(user))
    }
}

impl FromRequest for AssetName {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.match_info().query("asset").to_owned())))
    }
}

impl Apiv2Schema for UserRef {}
impl Apiv2Schema for AssetName {}

impl OperationModifier for UserRef {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        let pattern = "^(me|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$";
        let parameter = in_path("id", "The id of a user, or `me` for yourself.");
        let parameter = DefaultParameterRaw { pattern: Some(pattern.to_owned()), ..parameter };
        operation.parameters.push(Either::Right(parameter));
        add_errors(operation, &[Code::IdInvalid, Code::UserNotFound]);
    }
}

impl OperationModifier for AssetName {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        operation.parameters.push(Either::Right(in_path("asset", "The name of the file.")));
    }
}

macro_rules! path_parameters {
    ($($ty:ident, $name:literal, $description:literal, $absent:ident;)+) => {$(
        impl FromRequest for $ty {
            type Error = Problem;
            type Future = InTurn<Ready<Result<Self, Problem>>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let id = FromRaw::from_raw(request.match_info().query($name).to_owned()).map(Self);
                let id = id.map_err(|error| Problem::new(Code::IdInvalid).with_detail(error.message));
                in_turn(request, ready(id))
            }
        }

        impl Apiv2Schema for $ty {}

        impl OperationModifier for $ty {
            fn update_parameter(operation: &mut DefaultOperationRaw) {
                let parameter = in_path($name, $description);
                let parameter = DefaultParameterRaw { format: Some(DataTypeFormat::Uuid), ..parameter };
                operation.parameters.push(Either::Right(parameter));
                add_errors(operation, &[Code::IdInvalid, Code::$absent]);
            }
        }
    )+};
}

path_parameters! {
    SessionRef, "sid", "The id of a session.", SessionNotFound;
    AccountRef, "id", "The id of a service account.", ServiceAccountNotFound;
    KeyRef, "key_id", "The id of an API key.", ApiKeyNotFound;
    JobRef, "id", "The id of a job.", JobNotFound;
}

/// Describes a path parameter.
pub(crate) fn in_path(name: &str, description: &str) -> DefaultParameterRaw {
    DefaultParameterRaw {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        in_: ParameterIn::Path,
        required: true,
        data_type: Some(DataType::String),
        ..DefaultParameterRaw::default()
    }
}
