//! The URL at which the client sees this server.

use super::in_turn::{InTurn, in_turn};
use crate::code::Code;
use crate::openapi::errors::add_errors;
use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::DefaultOperationRaw;
use paperclip::v2::schema::Apiv2Schema;
use std::future::{Ready, ready};

/// The URL of the server without a trailing slash: the one in the settings, or else the requested one.
pub(crate) struct BaseUrl(pub(crate) String);

/// The URL in the settings, if there is one.
pub(crate) struct PublicUrl(pub(crate) Option<String>);

impl FromRequest for BaseUrl {
    type Error = Problem;
    type Future = InTurn<Ready<Result<Self, Problem>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let configured = request.app_data::<Data<PublicUrl>>().and_then(|url| url.0.clone());
        let url = configured.or_else(|| requested(request)).map(Self).ok_or_else(|| {
            Problem::new(Code::RequestMalformed).with_detail("The Host header does not name a host.")
        });
        in_turn(request, ready(url))
    }
}

/// From `Host`, with plain HTTP, which is all that Roster speaks. The headers of proxies are ignored.
fn requested(request: &HttpRequest) -> Option<String> {
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    (!host.is_empty() && host.bytes().all(plain)).then(|| format!("http://{host}"))
}

impl Apiv2Schema for BaseUrl {}

impl OperationModifier for BaseUrl {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        add_errors(operation, &[Code::RequestMalformed]);
    }
}
