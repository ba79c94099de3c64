//! How a client wants a response that is written while it is read.

use super::in_turn::{InTurn, in_turn};
use crate::code::Code;
use crate::middleware::RequestContext;
use crate::openapi::errors::add_errors;
use crate::problem::Problem;
use actix_web::dev::Payload;
use actix_web::http::header::{HeaderValue, UPGRADE};
use actix_web::http::{Method, Version};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::DefaultOperationRaw;
use paperclip::v2::schema::Apiv2Schema;
use std::future::{Ready, ready};

/// How a client wants a response that is written while it is read.
///
/// Such a response is sent in chunks, so that a client sees if it ends early. HTTP/1.0 has none: the end of the connection would
/// be the end of the response, and a part of it would look complete. So a client with HTTP/1.0 is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Streaming {
    /// With its body.
    Whole,
    /// Its headers only: the request is a HEAD.
    HeadersOnly,
}

impl FromRequest for Streaming {
    type Error = Problem;
    type Future = InTurn<Ready<Result<Self, Problem>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = if request.version() < Version::HTTP_11 {
            Err(Problem::new(Code::HttpVersionTooOld)
                .with_header(UPGRADE, HeaderValue::from_static("HTTP/1.1")))
        } else {
            let context = request.extensions().get::<RequestContext>().cloned();
            let is_head = context.is_some_and(|context| context.method() == Method::HEAD);
            Ok(if is_head { Self::HeadersOnly } else { Self::Whole })
        };
        in_turn(request, ready(found))
    }
}

impl Apiv2Schema for Streaming {}

impl OperationModifier for Streaming {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        add_errors(operation, &[Code::HttpVersionTooOld]);
    }
}
