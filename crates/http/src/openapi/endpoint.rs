//! What the document says about an endpoint beyond the signature of its handler.

use crate::code::Code;
use serde_json::Value;

/// Declared as a constant next to a handler. A route is registered with its handler and this constant together, so an
/// endpoint without one does not compile.
///
/// What the handler's signature says (parameters, bodies, views, the errors of extractors) is not repeated here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Endpoint {
    errors: &'static [Code],
    headers: &'static [Header],
    cache_control: Option<&'static str>,
    security: Security,
    dialect: Dialect,
    example_path: Option<&'static str>,
    media: &'static [MediaType],
}

/// A media type of an endpoint's successful responses that are not JSON, in the document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MediaType {
    /// Its name.
    pub(crate) name: &'static str,
    /// The schema of a body of it.
    pub(crate) schema: fn() -> Value,
}

/// A header of the endpoint's successful responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Header {
    /// Under which name a browser saves the response: an example.
    ContentDisposition(&'static str),
    /// Whether the file is compressed.
    ContentEncoding,
    /// What a page may load: the value.
    ContentSecurityPolicy(&'static str),
    /// The version of what is shown. Sent with 304 too.
    ETag,
    /// The next page of a list.
    Link,
    /// The path of what was created: an example.
    Location(&'static str),
    /// The request headers that the response depends on.
    Vary,
}

/// Which credentials an endpoint takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Security {
    /// Those that the extractors in the handler's signature document.
    Documented,
    /// The same, or none: a setting decides.
    Optional,
    /// The same, or those of an OAuth client.
    OrClient,
}

/// The form of an endpoint's errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Problem details (RFC 9457).
    Problem,
    /// The errors of OAuth 2.0 (RFC 6749, section 5.2).
    OAuth,
}

impl Endpoint {
    /// An endpoint whose use case fails with `errors`. Errors of its extractors need not be listed.
    pub(crate) const fn failing_with(errors: &'static [Code]) -> Self {
        Self {
            errors,
            headers: &[],
            cache_control: None,
            security: Security::Documented,
            dialect: Dialect::Problem,
            example_path: None,
            media: &[],
        }
    }

    /// With these headers on its successful responses.
    pub(crate) const fn with_headers(self, headers: &'static [Header]) -> Self {
        Self { headers, ..self }
    }

    /// With this `Cache-Control` on its successful responses, instead of `no-store`.
    pub(crate) const fn with_cache_control(self, value: &'static str) -> Self {
        Self { cache_control: Some(value), ..self }
    }

    /// With other credentials than its extractors document.
    pub(crate) const fn with_security(self, security: Security) -> Self {
        Self { security, ..self }
    }

    /// With the errors of OAuth 2.0.
    pub(crate) const fn for_oauth(self) -> Self {
        Self { dialect: Dialect::OAuth, ..self }
    }

    /// With these media types of its successful responses instead of JSON.
    pub(crate) const fn with_media(self, media: &'static [MediaType]) -> Self {
        Self { media, ..self }
    }

    /// With this path in examples, where ids in the placeholders make no sense.
    pub(crate) const fn with_example_path(self, path: &'static str) -> Self {
        Self { example_path: Some(path), ..self }
    }

    /// What the use case fails with.
    pub(crate) const fn errors(&self) -> &'static [Code] {
        self.errors
    }

    /// The headers of its successful responses, in addition to those of every response.
    pub(crate) const fn headers(&self) -> &'static [Header] {
        self.headers
    }

    /// The `Cache-Control` of its successful responses, if it is not `no-store`.
    pub(crate) const fn cache_control(&self) -> Option<&'static str> {
        self.cache_control
    }

    /// Which credentials it takes.
    pub(crate) const fn security(&self) -> Security {
        self.security
    }

    /// The form of its errors.
    pub(crate) const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The media types of its successful responses, if they are not JSON.
    pub(crate) const fn media(&self) -> &'static [MediaType] {
        self.media
    }

    /// The path in examples, if it is not made from the pattern.
    pub(crate) const fn example_path(&self) -> Option<&'static str> {
        self.example_path
    }
}
