//! This service's own errors, in the form that `roster_auth` gives its own (RFC 9457), so that clients parse one
//! kind.

use actix_web::error::{InternalError, JsonPayloadError};
use actix_web::http::StatusCode;
use actix_web::{Error, HttpRequest, HttpResponse};
use serde::Serialize;

/// The response to a request that cannot be served.
#[derive(Serialize)]
struct Problem {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: String,
    code: &'static str,
}

/// The problem for an invalid body. For [`actix_web::web::JsonConfig::error_handler`].
pub(crate) fn of_body(error: JsonPayloadError, _: &HttpRequest) -> Error {
    let (status, code, title) = match &error {
        JsonPayloadError::ContentType => (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media_type_unsupported",
            "The body has to be application/json",
        ),
        JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. } => {
            (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large")
        }
        JsonPayloadError::Deserialize(cause) if cause.is_data() => {
            (StatusCode::BAD_REQUEST, "body_invalid", "The body has the wrong shape")
        }
        JsonPayloadError::Deserialize(_) => {
            (StatusCode::BAD_REQUEST, "json_malformed", "The body is not valid JSON")
        }
        _ => (StatusCode::BAD_REQUEST, "request_malformed", "The request cannot be read"),
    };
    let r#type = format!("urn:problem-type:orders:{code}");
    let problem = Problem { r#type, title, status: status.as_u16(), detail: error.to_string(), code };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let response = HttpResponse::build(status).content_type(roster_auth::Problem::MEDIA_TYPE).body(body);
    InternalError::from_response(error, response).into()
}
