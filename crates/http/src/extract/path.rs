//! What stands in a path.

use super::rules::FromRaw;
use crate::openapi::errors::refuses;
use crate::problem::{Code, Problem};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{DataType, DefaultOperationRaw, DefaultParameterRaw, Either, ParameterIn};
use paperclip::v2::schema::Apiv2Schema;
use roster_domain::{Principal, SessionId, UserId, policy};
use roster_service::Error;
use std::convert::Infallible;
use std::future::{Ready, ready};

/// A user in a path: an id, or `me`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserRef {
    Me,
    Id(UserId),
}

/// A session in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionRef(pub(crate) SessionId);

/// The name of a file of the docs page.
#[derive(Debug)]
pub(crate) struct AssetName(pub(crate) String);

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

impl FromRequest for SessionRef {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = SessionId::from_raw(&request.match_info().query("sid").to_owned());
        ready(id.map(Self).map_err(|fault| Problem::new(Code::IdInvalid).with_detail(fault.message)))
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
impl Apiv2Schema for SessionRef {}

impl OperationModifier for SessionRef {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        let pattern = "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$";
        let parameter = in_path("sid", "The id of a session.");
        let parameter = DefaultParameterRaw { pattern: Some(pattern.to_owned()), ..parameter };
        operation.parameters.push(Either::Right(parameter));
        refuses(operation, &[Code::IdInvalid, Code::SessionNotFound]);
    }
}

impl OperationModifier for UserRef {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        let pattern = "^(me|[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})$";
        let parameter = in_path("id", "The id of a user, or `me` for the caller.");
        let parameter = DefaultParameterRaw { pattern: Some(pattern.to_owned()), ..parameter };
        operation.parameters.push(Either::Right(parameter));
        refuses(operation, &[Code::IdInvalid, Code::UserNotFound]);
    }
}

impl OperationModifier for AssetName {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        operation.parameters.push(Either::Right(in_path("asset", "The name of the file.")));
    }
}

pub(super) fn in_path(name: &str, description: &str) -> DefaultParameterRaw {
    DefaultParameterRaw {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        in_: ParameterIn::Path,
        required: true,
        data_type: Some(DataType::String),
        ..DefaultParameterRaw::default()
    }
}
