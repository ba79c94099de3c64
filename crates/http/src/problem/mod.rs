//! Problem details (RFC 9457): every error that leaves Roster is one of these.

mod code;
mod oauth;
mod service;
mod view;

pub use code::Code;
pub(crate) use oauth::{OAuthErrorCode, OAuthErrorView, description};
pub(crate) use service::{RATE_LIMIT, RATE_LIMIT_REMAINING, RATE_LIMIT_RESET};
pub(crate) use view::{PROBLEM_JSON, ProblemView, type_uri};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use std::borrow::Cow;
use std::error::Error;
use std::fmt;

/// Why a request was refused, as its client may know it.
///
/// The cause is for the log only. The body is written by the outermost middleware, which knows the request's
/// id and path.
#[derive(Debug)]
pub(crate) struct Problem(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: Code,
    /// What is known of this occurrence beyond the table.
    detail: Option<Cow<'static, str>>,
    faults: Vec<FieldViolation>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// One fault of a body or of the parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldViolation {
    /// A JSON pointer (RFC 6901), or the name of the parameter.
    pub(crate) pointer: String,
    /// A stable code.
    pub(crate) code: Cow<'static, str>,
    /// The rule, for people.
    pub(crate) message: Cow<'static, str>,
}

impl Problem {
    /// A problem of which no more is known than stands in the table.
    pub(crate) fn new(code: Code) -> Self {
        Self(Box::new(Inner { code, detail: None, faults: Vec::new(), headers: Vec::new(), cause: None }))
    }

    /// With a sentence about this occurrence, instead of the table's. It is shown to the client.
    pub(crate) fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// With the faults that were found.
    pub(crate) fn with_faults(mut self, faults: Vec<FieldViolation>) -> Self {
        self.0.faults = faults;
        self
    }

    /// With a response header.
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// With a `Retry-After` in seconds.
    pub(crate) fn with_retry_after(self, seconds: u32) -> Self {
        self.with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// With what caused it, for the log; the client does not see it.
    pub(crate) fn with_cause(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// What went wrong.
    pub(crate) fn code(&self) -> Code {
        self.0.code
    }

    /// The sentence about this occurrence, or else what the table says.
    pub(crate) fn detail(&self) -> &str {
        self.0.detail.as_deref().unwrap_or_else(|| self.code().detail())
    }

    /// The faults that were found.
    pub(crate) fn faults(&self) -> &[FieldViolation] {
        &self.0.faults
    }

    pub(crate) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0.headers
    }

    /// The problem that stands for a bare status of the framework.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let code = match status {
            StatusCode::UNAUTHORIZED => Code::AuthenticationRequired,
            StatusCode::FORBIDDEN => Code::PermissionDenied,
            StatusCode::NOT_FOUND => Code::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
            StatusCode::NOT_ACCEPTABLE => Code::NotAcceptable,
            StatusCode::REQUEST_TIMEOUT => Code::RequestTimeout,
            StatusCode::PAYLOAD_TOO_LARGE => Code::BodyTooLarge,
            StatusCode::TOO_MANY_REQUESTS => Code::TooManyRequests,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::MediaTypeUnsupported,
            status if status.is_client_error() => Code::RequestMalformed,
            _ => Code::Internal,
        };
        Self::new(code)
    }
}

impl FieldViolation {
    /// A fault at a place.
    pub(crate) fn new(
        pointer: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { pointer: pointer.into(), code: code.into(), message: message.into() }
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code.as_str())?;
        self.0.detail.as_ref().map_or(Ok(()), |detail| write!(f, ": {detail}"))
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.cause.as_ref().map(|cause| cause.as_ref() as &(dyn Error + 'static))
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.code.status()
    }

    /// Only the status: the body needs the request (see `Problem::render`).
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}
