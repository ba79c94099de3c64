//! What stands in a path.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{DataType, DefaultOperationRaw, DefaultParameterRaw, Either, ParameterIn};
use paperclip::v2::schema::Apiv2Schema;
use std::convert::Infallible;
use std::future::{Ready, ready};

/// The name of a file of the docs page.
#[derive(Debug)]
pub(crate) struct AssetName(pub(crate) String);

impl FromRequest for AssetName {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.match_info().query("asset").to_owned())))
    }
}

impl Apiv2Schema for AssetName {}

impl OperationModifier for AssetName {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        operation.parameters.push(Either::Right(in_path("asset", "The name of the file.")));
    }
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
