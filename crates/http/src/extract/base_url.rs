//! Where the client sees this server.

use crate::openapi::errors::refuses;
use crate::problem::{Code, Problem};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::DefaultOperationRaw;
use paperclip::v2::schema::Apiv2Schema;
use std::future::{Ready, ready};

/// The address of the server without a slash at its end: the one that is set, else the one that was asked.
pub(crate) struct BaseUrl(pub(crate) String);

/// The address that is set, if one is.
pub(crate) struct PublicUrl(pub(crate) Option<String>);

impl FromRequest for BaseUrl {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let set = request.app_data::<Data<PublicUrl>>().and_then(|url| url.0.clone());
        ready(set.or_else(|| asked(request)).map(Self).ok_or_else(|| {
            Problem::new(Code::RequestMalformed).with_detail("The Host header names no host.")
        }))
    }
}

/// By `Host`, and by plain HTTP, which is all that Roster speaks. What proxies say is not believed here.
fn asked(request: &HttpRequest) -> Option<String> {
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    (!host.is_empty() && host.bytes().all(plain)).then(|| format!("http://{host}"))
}

impl Apiv2Schema for BaseUrl {}

impl OperationModifier for BaseUrl {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        refuses(operation, &[Code::RequestMalformed]);
    }
}
