//! Responses that are not views: text, the document, files of the docs page.

use crate::code::Code;
use crate::openapi::errors::add_errors;
use crate::openapi::schema::schema;
use crate::openapi::success::add_response;
use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, Responder};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::DefaultOperationRaw;
use paperclip::v2::schema::Apiv2Schema;
use serde_json::json;

/// The `Cache-Control` of what clients may keep but must revalidate.
pub(crate) const NO_CACHE: &str = "no-cache";

/// Text in the format of Prometheus.
pub(crate) struct Text(pub(crate) String);

/// JSON as bytes.
pub(crate) struct Document(pub(crate) Bytes);

/// A file that is built into the program.
pub(crate) struct File {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Bytes,
    /// Whether `bytes` are compressed with gzip.
    pub(crate) is_compressed: bool,
    /// The `Content-Security-Policy`, for pages.
    pub(crate) policy: Option<&'static str>,
}

impl Responder for Text {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(self.0)
    }
}

impl Responder for Document {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let cache = (header::CACHE_CONTROL, NO_CACHE);
        HttpResponse::Ok().content_type("application/json").insert_header(cache).body(self.0)
    }
}

impl Responder for File {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        response.content_type(self.content_type);
        response.insert_header((header::CACHE_CONTROL, NO_CACHE));
        response.insert_header((header::VARY, "Accept-Encoding"));
        if self.is_compressed {
            response.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("gzip")));
        }
        if let Some(policy) = self.policy {
            response.insert_header((header::CONTENT_SECURITY_POLICY, policy));
        }
        response.body(self.bytes)
    }
}

impl Apiv2Schema for Text {}
impl Apiv2Schema for Document {}
impl Apiv2Schema for File {}

impl OperationModifier for Text {
    fn update_response(operation: &mut DefaultOperationRaw) {
        let example = "# TYPE http_requests_in_flight gauge\nhttp_requests_in_flight 1\n";
        let text = schema(&json!({ "type": "string", "example": example }));
        add_response(operation, 200, "The metrics.", Some(text));
    }
}

impl OperationModifier for Document {
    fn update_response(operation: &mut DefaultOperationRaw) {
        let document = schema(&json!({ "type": "object", "example": { "openapi": "3.0.3" } }));
        add_response(operation, 200, "The document.", Some(document));
        add_errors(operation, &[Code::NotAcceptable]);
    }
}

impl OperationModifier for File {
    fn update_response(operation: &mut DefaultOperationRaw) {
        let file = schema(&json!({ "type": "string", "format": "binary" }));
        add_response(operation, 200, "The file.", Some(file));
    }
}
