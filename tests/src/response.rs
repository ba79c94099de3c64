//! HTTP responses.

use serde_json::Value;
use ureq::http::{self, HeaderMap, HeaderName};
use ureq::{Body, Error};

/// The size limit of a body. The largest one is the script of the docs page.
const LIMIT: u64 = 64 << 20;

/// A complete response.
#[derive(Clone, Debug)]
pub struct Response {
    method: String,
    path: String,
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Response {
    pub(crate) fn receive(method: &str, path: &str, received: http::Response<Body>) -> Result<Self, Error> {
        let (head, body) = received.into_parts();
        let body = body.into_with_config().limit(LIMIT).read_to_vec()?;
        Ok(Self {
            method: method.to_owned(),
            path: path.to_owned(),
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        })
    }

    /// The method of the request.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The path of the request, with its query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Checks the status and returns the response.
    ///
    /// # Panics
    /// If the status is different. The message includes the body.
    #[expect(
        clippy::must_use_candidate,
        clippy::return_self_not_must_use,
        reason = "many tests only check the status"
    )]
    #[track_caller]
    pub fn must_be(self, status: u16) -> Self {
        assert!(self.status == status, "{} instead of {status}: {}", self.status, self.summary());
        self
    }

    /// Checks that the response is a problem with this status and code.
    ///
    /// # Panics
    /// If it is not. The message includes the body.
    #[expect(
        clippy::must_use_candidate,
        clippy::return_self_not_must_use,
        reason = "many tests only check the status"
    )]
    #[track_caller]
    pub fn must_be_problem(self, status: u16, code: &str) -> Self {
        let response = self.must_be(status);
        assert_eq!(response.code(), code, "{}", response.summary());
        response
    }

    /// The first value of a header, if present.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("header values are ASCII"))
    }

    /// The names of all headers, in lower case.
    pub(crate) fn header_names(&self) -> impl Iterator<Item = &str> {
        self.headers.keys().map(HeaderName::as_str)
    }

    /// The `ETag` header.
    #[must_use]
    #[track_caller]
    pub fn etag(&self) -> String {
        self.header("etag").unwrap_or_else(|| panic!("no ETag: {}", self.summary())).to_owned()
    }

    /// The version at the start of the `ETag`.
    #[must_use]
    #[track_caller]
    pub fn etag_version(&self) -> u64 {
        let etag = self.etag();
        let version = etag.trim_matches('"').split('.').next();
        version.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no version in {etag}"))
    }

    /// The media type, without parameters.
    #[must_use]
    pub fn media_type(&self) -> Option<&str> {
        self.header("content-type").and_then(|value| value.split(';').next())
    }

    /// The body.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is UTF-8")
    }

    /// The body as JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.summary()))
    }

    /// A string field of the JSON body.
    #[must_use]
    #[track_caller]
    pub fn string(&self, field: &str) -> String {
        let text = self.json()[field].as_str().map(str::to_owned);
        text.unwrap_or_else(|| panic!("no string field {field}: {}", self.summary()))
    }

    /// The code of a problem.
    #[must_use]
    #[track_caller]
    pub fn code(&self) -> String {
        self.string("code")
    }

    /// The errors of a problem as pairs of pointer and code, sorted.
    #[must_use]
    #[track_caller]
    pub fn errors(&self) -> Vec<(String, String)> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        let text = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
        let mut pairs: Vec<_> =
            errors.iter().map(|error| (text(error, "pointer"), text(error, "code"))).collect();
        pairs.sort();
        pairs
    }

    /// The request and the response as text, for the messages of failed tests.
    #[must_use]
    pub fn summary(&self) -> String {
        let body = String::from_utf8_lossy(&self.body);
        let body: String = body.chars().take(2_000).collect();
        format!("{} {} -> {} {:?}\n{body}", self.method, self.path, self.status, self.headers)
    }
}
