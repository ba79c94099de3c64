//! Where the issuer is.

use std::fmt;
use std::net::IpAddr;
use thiserror::Error;
use ureq::http::Uri;

/// A URL at the issuer. What is fetched there decides who is let in, and what is sent there is a token: so it is
/// `https`, or `http` to this machine, unless told otherwise.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint(Uri);

/// Why a URL cannot be an [`Endpoint`].
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// Not an absolute URL with `https` or `http`.
    #[error("`{0}` is no URL such as https://users.example/.well-known/jwks.json")]
    NoUrl(String),
    /// The URL holds a user name or a password, or may do so.
    #[error("a URL with a user name or a password in it ends up in logs")]
    Credentials,
    /// `http` to another machine: anyone on the way could answer in the issuer's stead.
    #[error("`{0}` is not https: only to this machine http will do")]
    Plain(String),
}

impl Endpoint {
    /// An `https` URL, or an `http` one to `localhost` or a loopback address.
    ///
    /// # Errors
    /// [`EndpointError`].
    pub fn new(url: &str) -> Result<Self, EndpointError> {
        let endpoint = Self::even_plain(url)?;
        if endpoint.is_plain() && !endpoint.is_local() {
            return Err(EndpointError::Plain(url.to_owned()));
        }
        Ok(endpoint)
    }

    /// An `https` or `http` URL, to any machine: where something else secures the way, such as a service mesh.
    ///
    /// # Errors
    /// [`EndpointError`], but not for plain `http`.
    pub fn even_plain(url: &str) -> Result<Self, EndpointError> {
        // A fault repeats the URL, so it must be known first that it holds no credentials, be it a URL or not.
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
        let uri = uri.map_err(|_| EndpointError::NoUrl(url.to_owned()))?;
        let has_host = uri.host().is_some_and(|host| !host.is_empty());
        if !matches!(uri.scheme_str(), Some("https" | "http")) || !has_host {
            return Err(EndpointError::NoUrl(url.to_owned()));
        }
        Ok(Self(uri))
    }

    pub(super) const fn uri(&self) -> &Uri {
        &self.0
    }

    pub(super) fn is_plain(&self) -> bool {
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

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_reaches_this_machine_only() {
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
            assert_eq!(Endpoint::new(url), Err(EndpointError::Plain(url.to_owned())));
            assert!(Endpoint::even_plain(url).is_ok());
        }
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for url in [
            "",
            "users.example",
            "/jwks",
            "ftp://users.example/",
            "file:///etc/passwd",
            "https://",
            "http:/x",
        ] {
            assert_eq!(Endpoint::new(url), Err(EndpointError::NoUrl(url.to_owned())), "{url}");
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
