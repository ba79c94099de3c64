//! A problem as clients see it, and as the document describes it.

use super::error::Problem;
use crate::code::Code;
use crate::openapi::errors::add_errors;
use crate::openapi::schema::define;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, body::BoxBody};
use paperclip::actix::Apiv2Schema;
use paperclip::v2::models::{DataType, DefaultOperationRaw, DefaultSchemaRaw};
use paperclip::v2::schema::{Apiv2Errors, Apiv2Schema as _, TypedData};
use serde::Serialize;
use std::collections::BTreeMap;

/// The media type of every error (RFC 9457, section 3).
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// What went wrong (RFC 9457).
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "Problem")]
struct ProblemView<'a> {
    /// Identifies the kind of problem. Ends with the code.
    r#type: String,
    /// One line for people, the same for every occurrence of the code.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What was wrong this time or what to do about it, for people.
    detail: &'a str,
    /// The path of the request.
    instance: &'a str,
    /// A stable code for programs.
    code: CodeView,
    /// Identifies the request in the server's log. Also in `X-Request-Id`.
    request_id: &'a str,
    /// Every invalid value in the body or the parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldViolationView<'a>>>,
}

/// One invalid value in a request.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "FieldViolation")]
struct FieldViolationView<'a> {
    /// Where: a JSON pointer into the body (RFC 6901), or the name of the parameter.
    pointer: &'a str,
    /// A stable code for programs.
    code: &'a str,
    /// The rule that was violated, for people.
    message: &'a str,
}

#[derive(Serialize)]
struct CodeView(&'static str);

impl TypedData for CodeView {
    fn data_type() -> DataType {
        DataType::String
    }
}

impl Problem {
    /// The response that the client sees.
    pub(crate) fn render(&self, request_id: &str, path: &str) -> HttpResponse<BoxBody> {
        let code = self.code();
        let view = ProblemView {
            r#type: type_uri(code),
            title: code.title(),
            status: code.status().as_u16(),
            detail: self.detail(),
            instance: path,
            code: CodeView(code.as_str()),
            request_id,
            errors: self.violation_views(),
        };
        let body = serde_json::to_vec(&view).unwrap_or_default();
        let mut response = HttpResponse::build(code.status());
        response.content_type(PROBLEM_JSON);
        for (name, value) in self.headers() {
            response.insert_header((name.clone(), value.clone()));
        }
        if let Some(challenge) = challenge(code) {
            response.insert_header((header::WWW_AUTHENTICATE, challenge));
        }
        response.body(body)
    }

    fn violation_views(&self) -> Option<Vec<FieldViolationView<'_>>> {
        let views = self.violations().iter().map(|violation| FieldViolationView {
            pointer: &violation.pointer,
            code: &violation.code,
            message: &violation.message,
        });
        (!self.violations().is_empty()).then(|| views.collect())
    }
}

/// The `type` of a problem. It is a name, not an address, so it is the same on every server.
pub(crate) fn type_uri(code: Code) -> String {
    format!("urn:problem-type:roster:{}", code.as_str())
}

/// The challenge that a 401 must have (RFC 9110, section 11.6.1; RFC 6750, section 3).
fn challenge(code: Code) -> Option<HeaderValue> {
    match code {
        // Its challenge is among the problem's own headers.
        Code::LoginTooOld => None,
        Code::InvalidToken => Some(HeaderValue::from_static("Bearer error=\"invalid_token\"")),
        _ if code.status() == StatusCode::UNAUTHORIZED => Some(HeaderValue::from_static("Bearer")),
        _ => None,
    }
}

/// Any operation may fail with an internal error. Its other codes come from its extractors and its endpoint constant.
impl Apiv2Errors for Problem {
    fn update_error_definitions(operation: &mut DefaultOperationRaw) {
        add_errors(operation, &[Code::Internal]);
    }

    fn update_definitions(definitions: &mut BTreeMap<String, DefaultSchemaRaw>) {
        define(ProblemView::raw_schema(), definitions);
    }
}
