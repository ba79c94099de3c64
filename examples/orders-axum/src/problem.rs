//! This service's own errors, in the form that `roster_auth` gives its own (RFC 9457), so that clients parse one kind.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A JSON body, which is rejected with a [`Problem`].
pub(crate) struct Body<T>(pub(crate) T);

/// The response to a request that cannot be served.
#[derive(Serialize)]
pub(crate) struct Problem {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: String,
    code: &'static str,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Ok(Self(Json::from_request(request, state).await?.0))
    }
}

impl From<JsonRejection> for Problem {
    fn from(error: JsonRejection) -> Self {
        let (code, title) = match &error {
            JsonRejection::MissingJsonContentType(_) => {
                ("media_type_unsupported", "The body has to be application/json")
            }
            JsonRejection::JsonDataError(_) => ("body_invalid", "The body has the wrong shape"),
            JsonRejection::JsonSyntaxError(_) => ("json_malformed", "The body is not valid JSON"),
            JsonRejection::BytesRejection(cause) if cause.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                ("body_too_large", "The body is too large")
            }
            _ => ("request_malformed", "The request cannot be read"),
        };
        // axum responds with 422 to JSON of the wrong shape; Roster and the other example respond with 400.
        let status = if code == "body_invalid" { StatusCode::BAD_REQUEST } else { error.status() };
        let r#type = format!("urn:problem-type:orders:{code}");
        Self { r#type, title, status: status.as_u16(), detail: error.body_text(), code }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let media_type = [(header::CONTENT_TYPE, roster_auth::Problem::MEDIA_TYPE)];
        (status, media_type, Json(self)).into_response()
    }
}
