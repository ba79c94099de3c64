//! The error type of the crate.

use crate::code::Code;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use std::borrow::Cow;
use std::error::Error;
use std::fmt;

/// Why a request was rejected, as far as its client may know.
///
/// The cause is for the log only. The outermost middleware writes the body, because it knows the request's id and path.
#[derive(Debug)]
pub(crate) struct Problem(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: Code,
    /// A sentence about this occurrence, if there is more to say than the table does.
    detail: Option<Cow<'static, str>>,
    violations: Vec<FieldViolation>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// One invalid value in the body or the parameters.
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
    /// A problem with no more detail than the table of codes has.
    pub(crate) fn new(code: Code) -> Self {
        let (violations, headers) = (Vec::new(), Vec::new());
        Self(Box::new(Inner { code, detail: None, violations, headers, cause: None }))
    }

    /// Replaces the table's detail with a sentence about this occurrence. The client sees it.
    pub(crate) fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds the invalid values that were found.
    pub(crate) fn with_violations(mut self, violations: Vec<FieldViolation>) -> Self {
        self.0.violations = violations;
        self
    }

    /// Adds a response header.
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Adds a `Retry-After` in seconds.
    pub(crate) fn with_retry_after(self, seconds: u32) -> Self {
        self.with_header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }

    /// Adds the cause, for the log. The client does not see it.
    pub(crate) fn with_cause(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// What went wrong.
    pub(crate) fn code(&self) -> Code {
        self.0.code
    }

    /// The sentence about this occurrence, or else the table's.
    pub(crate) fn detail(&self) -> &str {
        self.0.detail.as_deref().unwrap_or_else(|| self.code().detail())
    }

    /// The invalid values that were found.
    pub(crate) fn violations(&self) -> &[FieldViolation] {
        &self.0.violations
    }

    /// The response headers.
    pub(crate) fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.0.headers
    }

    /// The problem with all its causes, for the log.
    pub(crate) fn with_causes(&self) -> String {
        let causes = std::iter::successors(self.source(), |&cause| cause.source());
        causes.fold(self.to_string(), |text, cause| format!("{text}: {cause}"))
    }

    /// The problem of an error response that the framework made.
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
    /// The value at `pointer` violates a rule.
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
