//! URLs at the issuer.

use std::fmt;
use std::net::IpAddr;
use thiserror::Error;
use ureq::http::Uri;

/// A URL at the issuer. The keys fetched from it decide whose tokens are accepted, and tokens are sent to it, so it is
/// `https`, or `http` to this machine, unless you say otherwise.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint(Uri);

/// Why a URL cannot be an [`Endpoint`].
///
/// [`Debug`](fmt::Debug) prints the same sentence as [`Display`](fmt::Display), so that it also reads well when `main`
/// returns it.
#[derive(Clone, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// Not an absolute URL with `https` or `http`.
    #[error("`{0}` is not a URL such as https://users.example/.well-known/jwks.json")]
    NotAUrl(String),
    /// The URL contains a user name or a password, or may do so.
    #[error("the URL must not contain a user name or a password, because it appears in logs")]
    Credentials,
    /// `http` to another machine: anyone on the network path could respond instead of the issuer.
    #[error(
        "`{0}` must be https: http is accepted only for this machine. If something else secures the connection, such \
         as a service mesh, use `Endpoint::allowing_http`"
    )]
    Http(String),
}

impl Endpoint {
    /// An `https` URL, or an `http` one to `localhost` or a loopback address.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub fn new(url: &str) -> Result<Self, EndpointError> {
        let endpoint = Self::allowing_http(url)?;
        if endpoint.is_http() && !endpoint.is_local() {
            return Err(EndpointError::Http(url.to_owned()));
        }
        Ok(endpoint)
    }

    /// An `https` or `http` URL to any machine: for networks where something else secures the connection, such as a
    /// service mesh.
    ///
    /// # Errors
    /// [`EndpointError`], but never [`EndpointError::Http`].
    pub fn allowing_http(url: &str) -> Result<Self, EndpointError> {
        // The error repeats the URL, so credentials are looked for first, even in text that is not a URL.
        let uri = url.parse::<Uri>();
        let may_hold_credentials = match &uri {
            Ok(uri) if uri.scheme().is_some() => {
                uri.authority().is_some_and(|who| who.as_str().contains('@'))
            }
            _ => url.contains('@'),
        };
        if may_hold_credentials {
            return Err(EndpointError::Credentials);
        }
        let uri = uri.map_err(|_| EndpointError::NotAUrl(url.to_owned()))?;
        let has_host = uri.host().is_some_and(|host| !host.is_empty());
        if !matches!(uri.scheme_str(), Some("https" | "http")) || !has_host {
            return Err(EndpointError::NotAUrl(url.to_owned()));
        }
        Ok(Self(uri))
    }

    pub(super) const fn uri(&self) -> &Uri {
        &self.0
    }

    pub(super) fn is_http(&self) -> bool {
        self.0.scheme_str() == Some("http")
    }

    fn is_local(&self) -> bool {
        let host = self.0.host().unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for EndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_accepted_only_for_this_machine() {
        for url in [
            "https://users.example/.well-known/jwks.json",
            "https://192.0.2.1:8443/",
            "http://127.0.0.1:8000/jwks",
            "http://127.9.9.9/",
            "http://[::1]:8000/",
            "http://localhost:8000/",
        ] {
            assert_eq!(Endpoint::new(url).map(|endpoint| endpoint.to_string()), Ok(url.to_owned()));
        }
        for url in [
            "http://users.example/",
            "http://192.0.2.1/",
            "http://localhost.users.example/",
            "http://0.0.0.0/",
            "http://127.0.0.1.users.example/",
        ] {
            assert_eq!(Endpoint::new(url), Err(EndpointError::Http(url.to_owned())));
            assert!(Endpoint::allowing_http(url).is_ok());
        }
    }

    #[test]
    fn an_http_url_is_rejected_with_the_way_to_allow_it_even_from_main() {
        let error = Endpoint::new("http://users.example/jwks").unwrap_err();
        let shown = format!("Error: {:?}", Box::<dyn std::error::Error>::from(error));
        assert!(shown.starts_with("Error: `http://users.example/jwks` must be https"), "{shown}");
        assert!(shown.contains("Endpoint::allowing_http"), "{shown}");
    }

    #[test]
    fn what_is_not_a_url_is_rejected() {
        for url in [
            "",
            "users.example",
            "/jwks",
            "ftp://users.example/",
            "file:///etc/passwd",
            "https://",
            "http:/x",
        ] {
            assert_eq!(Endpoint::new(url), Err(EndpointError::NotAUrl(url.to_owned())), "{url}");
        }
        for url in [
            "https://a:b@users.example/",
            "ftp://a:b@users.example/",
            "https://a:b c@users.example/",
            "a:b@users.example",
            "https://a:b/c d@users.example/",
        ] {
            assert_eq!(Endpoint::new(url), Err(EndpointError::Credentials), "{url}");
        }
        assert_eq!(Endpoint::new("http://127.0.0.1@users.example/"), Err(EndpointError::Credentials));
    }
}
