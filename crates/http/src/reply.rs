//! Typed responses: the document describes what a handler returns.

use crate::code::Code;
use crate::extract::IfNoneMatch;
use crate::openapi::errors::add_errors;
use crate::openapi::schema::define;
use crate::openapi::success::add_response;
use crate::problem::Problem;
use crate::views::sessions::LoginView;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{DefaultOperationRaw, DefaultSchemaRaw};
use paperclip::v2::schema::Apiv2Schema;
use serde::Serialize;
use std::collections::BTreeMap;

/// JSON with a status.
#[derive(Debug)]
pub(crate) struct Reply<T, const STATUS: u16 = 200> {
    body: Body<T>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

#[derive(Debug)]
enum Body<T> {
    Value(T),
    /// The JSON of a `T`.
    Json(Bytes),
}

/// The `Cache-Control` of what a client may keep for itself but must revalidate.
pub(crate) const PRIVATE: &str = "private, no-cache";

/// JSON, or 304 for a client that has it already.
#[derive(Debug)]
pub(crate) enum Conditional<T> {
    Reply(Reply<T>),
    NotModified(Vec<(HeaderName, HeaderValue)>),
}

/// A new token after a change to oneself, or 204 after a change to another user.
pub(crate) enum TokenOrNothing {
    Token(Box<LoginView>),
    Nothing,
}

/// 204 without a body.
#[derive(Debug)]
pub(crate) struct NoContent;

impl<T, const STATUS: u16> Reply<T, STATUS> {
    pub(crate) const fn new(body: T) -> Self {
        Self { body: Body::Value(body), headers: Vec::new() }
    }

    /// A reply whose body is the JSON of a `T` already.
    pub(crate) const fn of_json(json: Bytes) -> Self {
        Self { body: Body::Json(json), headers: Vec::new() }
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Adds the path of what was created.
    pub(crate) fn with_location(self, path: &str) -> Self {
        match HeaderValue::from_str(path) {
            Ok(location) => self.with_header(header::LOCATION, location),
            Err(_) => self,
        }
    }

    pub(crate) fn header(&self, name: &HeaderName) -> Option<&HeaderValue> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

impl<T> Reply<T> {
    /// The reply, or 304 with its headers if the client has its `ETag` already (RFC 9110, section 15.4.5).
    pub(crate) fn unless(self, known: &IfNoneMatch) -> Conditional<T> {
        match self.header(&header::ETAG) {
            Some(etag) if known.names(etag) => Conditional::NotModified(self.headers),
            _ => Conditional::Reply(self),
        }
    }
}

/// 200 without a body, where a standard requires that instead of 204.
#[derive(Debug)]
pub(crate) struct Empty;

impl<T: Serialize> Body<T> {
    fn into_json(self) -> serde_json::Result<Bytes> {
        match self {
            Self::Value(value) => to_json(&value),
            Self::Json(json) => Ok(json),
        }
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The initial capacity for a response; most fit into it.
const USUAL: usize = 512;

/// The JSON of a value.
///
/// # Errors
/// Those of the value's `Serialize`.
pub(crate) fn to_json(value: &impl Serialize) -> serde_json::Result<Bytes> {
    let mut json = Vec::with_capacity(USUAL);
    serde_json::to_writer(&mut json, value)?;
    Ok(json.into())
}

impl<T: Serialize, const STATUS: u16> Responder for Reply<T, STATUS> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let status = StatusCode::from_u16(STATUS).unwrap_or(StatusCode::OK);
        let mut response = HttpResponse::build(status);
        for header in self.headers {
            response.insert_header(header);
        }
        match self.body.into_json() {
            Ok(json) => response.insert_header((header::CONTENT_TYPE, JSON)).body(json),
            Err(error) => {
                HttpResponse::from_error(Problem::new(Code::Internal).with_cause(error.to_string()))
            }
        }
    }
}

impl Responder for NoContent {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

impl Responder for Empty {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().finish()
    }
}

impl<T: Serialize> Responder for Conditional<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Reply(reply) => reply.respond_to(request),
            Self::NotModified(headers) => {
                let mut response = HttpResponse::NotModified();
                for header in headers {
                    response.insert_header(header);
                }
                response.finish()
            }
        }
    }
}

impl Responder for TokenOrNothing {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Token(view) => Reply::<_, 200>::new(*view).respond_to(request),
            Self::Nothing => NoContent.respond_to(request),
        }
    }
}

impl<T, const STATUS: u16> Apiv2Schema for Reply<T, STATUS> {}

impl<T: Apiv2Schema, const STATUS: u16> OperationModifier for Reply<T, STATUS> {
    fn update_response(operation: &mut DefaultOperationRaw) {
        let mut schema = T::raw_schema();
        let description = schema.description.take().unwrap_or_default();
        add_response(operation, STATUS, &description, Some(define(schema, &mut BTreeMap::new())));
        add_errors(operation, &[Code::NotAcceptable]);
    }

    fn update_definitions(definitions: &mut BTreeMap<String, DefaultSchemaRaw>) {
        define(T::raw_schema(), definitions);
    }
}

impl<T> Apiv2Schema for Conditional<T> {}

impl<T: Apiv2Schema> OperationModifier for Conditional<T> {
    fn update_response(operation: &mut DefaultOperationRaw) {
        Reply::<T>::update_response(operation);
    }

    fn update_definitions(definitions: &mut BTreeMap<String, DefaultSchemaRaw>) {
        Reply::<T>::update_definitions(definitions);
    }
}

impl Apiv2Schema for TokenOrNothing {}

impl OperationModifier for TokenOrNothing {
    fn update_response(operation: &mut DefaultOperationRaw) {
        Reply::<LoginView>::update_response(operation);
        NoContent::update_response(operation);
    }

    fn update_definitions(definitions: &mut BTreeMap<String, DefaultSchemaRaw>) {
        Reply::<LoginView>::update_definitions(definitions);
    }
}

impl Apiv2Schema for Empty {}

impl OperationModifier for Empty {
    fn update_response(operation: &mut DefaultOperationRaw) {
        add_response(operation, 200, "Done.", None);
        add_errors(operation, &[Code::NotAcceptable]);
    }
}

impl Apiv2Schema for NoContent {}

impl OperationModifier for NoContent {
    fn update_response(operation: &mut DefaultOperationRaw) {
        add_response(operation, 204, "Done.", None);
    }
}
