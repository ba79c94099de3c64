//! What a server answered.

use serde_json::Value;
use ureq::http::{HeaderMap, HeaderName, Response};
use ureq::{Body, Error};

/// The most that an answer may have: the docs page's script is the largest.
const LIMIT: u64 = 64 << 20;

/// An answer, received whole.
#[derive(Clone, Debug)]
pub struct Answer {
    method: String,
    path: String,
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn receive(method: &str, path: &str, response: Response<Body>) -> Result<Self, Error> {
        let (head, body) = response.into_parts();
        let body = body.into_with_config().limit(LIMIT).read_to_vec()?;
        Ok(Self {
            method: method.to_owned(),
            path: path.to_owned(),
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        })
    }

    /// The method that was asked with.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// What was asked for, with its query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The answer itself, if it has this status.
    ///
    /// # Panics
    /// If it has another; the message has the body.
    #[expect(
        clippy::must_use_candidate,
        clippy::return_self_not_must_use,
        reason = "to have checked is often all that is wanted"
    )]
    #[track_caller]
    pub fn must_be(self, status: u16) -> Self {
        assert!(self.status == status, "{} instead of {status}: {}", self.status, self.summary());
        self
    }

    /// Checks that it is a problem with this status and code.
    ///
    /// # Panics
    /// If it is anything else; the message has the body.
    #[expect(
        clippy::must_use_candidate,
        clippy::return_self_not_must_use,
        reason = "to have checked is often all that is wanted"
    )]
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        let answer = self.must_be(status);
        assert_eq!(answer.code(), code, "{}", answer.summary());
        answer
    }

    /// The value of a header, the first if there are more; none if it is absent.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("header values are ASCII"))
    }

    /// The names of all headers, in lower case.
    pub(crate) fn header_names(&self) -> impl Iterator<Item = &str> {
        self.headers.keys().map(HeaderName::as_str)
    }

    /// The `ETag`.
    #[must_use]
    #[track_caller]
    pub fn etag(&self) -> String {
        self.header("etag").unwrap_or_else(|| panic!("no ETag: {}", self.summary())).to_owned()
    }

    /// The version that the `ETag` begins with.
    #[must_use]
    #[track_caller]
    pub fn tagged_version(&self) -> u64 {
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

    /// A field of the body that is text.
    #[must_use]
    #[track_caller]
    pub fn text_of(&self, field: &str) -> String {
        let text = self.json()[field].as_str().map(str::to_owned);
        text.unwrap_or_else(|| panic!("no text {field}: {}", self.summary()))
    }

    /// The code of a problem.
    #[must_use]
    #[track_caller]
    pub fn code(&self) -> String {
        self.text_of("code")
    }

    /// The faults of a problem, as pointer and code, sorted.
    #[must_use]
    #[track_caller]
    pub fn faults(&self) -> Vec<(String, String)> {
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        let text = |fault: &Value, name: &str| fault[name].as_str().unwrap().to_owned();
        let mut faults: Vec<_> =
            errors.iter().map(|fault| (text(fault, "pointer"), text(fault, "code"))).collect();
        faults.sort();
        faults
    }

    /// Everything in one text, for a failure's message.
    #[must_use]
    pub fn summary(&self) -> String {
        let body = String::from_utf8_lossy(&self.body);
        let body: String = body.chars().take(2_000).collect();
        format!("{} {} -> {} {:?}\n{body}", self.method, self.path, self.status, self.headers)
    }
}
