//! How a problem looks on the wire.

use super::{Code, Problem};
use crate::middleware::RequestContext;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, body::BoxBody};
use paperclip::actix::Apiv2Schema;
use serde::Serialize;

/// The media type of every error (RFC 9457, section 3).
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// What went wrong (RFC 9457).
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "Problem")]
pub(crate) struct ProblemView<'a> {
    /// Identifies the kind of problem; it ends in the code.
    r#type: String,
    /// One line for people, the same for every occurrence of the code.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What was wrong this time, or what to do about it; for people.
    detail: &'a str,
    /// The path that was asked for.
    instance: &'a str,
    /// A stable code for programs.
    code: CodeView,
    /// The id under which the server's log tells more; also in `X-Request-Id`.
    request_id: &'a str,
    /// Every fault that was found in the body or the parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldViolationView<'a>>>,
}

/// One fault of a request.
#[derive(Serialize, Apiv2Schema)]
#[openapi(rename = "FieldViolation")]
pub(crate) struct FieldViolationView<'a> {
    /// Where: a JSON pointer into the body (RFC 6901), or the name of the parameter.
    pointer: &'a str,
    /// A stable code for programs.
    code: &'a str,
    /// The rule that was broken, for people.
    message: &'a str,
}

#[derive(Serialize)]
struct CodeView(&'static str);

impl paperclip::v2::schema::TypedData for CodeView {
    fn data_type() -> paperclip::v2::models::DataType {
        paperclip::v2::models::DataType::String
    }
}

impl Problem {
    /// The response that the client sees.
    pub(crate) fn render(&self, context: &RequestContext, path: &str) -> HttpResponse<BoxBody> {
        let code = self.code();
        let view = ProblemView {
            r#type: type_uri(code),
            title: code.title(),
            status: code.status().as_u16(),
            detail: self.detail(),
            instance: path,
            code: CodeView(code.as_str()),
            request_id: context.id(),
            errors: self.fault_views(),
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

    fn fault_views(&self) -> Option<Vec<FieldViolationView<'_>>> {
        let faults = self.faults();
        (!faults.is_empty()).then(|| {
            faults
                .iter()
                .map(|f| FieldViolationView { pointer: &f.pointer, code: &f.code, message: &f.message })
                .collect()
        })
    }
}

/// A name that needs no server behind it: the documents of one Roster are those of all.
pub(crate) fn type_uri(code: Code) -> String {
    format!("urn:problem-type:roster:{}", code.as_str())
}

/// What a 401 owes its client (RFC 9110, section 11.6.1; RFC 6750, section 3).
fn challenge(code: Code) -> Option<HeaderValue> {
    match code {
        // Its challenge is among the problem's own headers.
        Code::LoginTooOld => None,
        Code::InvalidToken => Some(HeaderValue::from_static("Bearer error=\"invalid_token\"")),
        _ if code.status() == actix_web::http::StatusCode::UNAUTHORIZED => {
            Some(HeaderValue::from_static("Bearer"))
        }
        _ => None,
    }
}
