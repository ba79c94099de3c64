//! The parameters of a URL that concern TLS, which tokio-postgres does not know.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

use super::url_error::UrlError;

/// How a connection is encrypted, with libpq's meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SslMode {
    /// Never.
    Disable,
    /// Only if the server rejects a connection without.
    Allow,
    /// Unless the server does not offer it, or rejects an encrypted connection.
    Prefer,
    /// Always; the certificate is not checked.
    Require,
    /// Always; a root in `sslrootcert` must have issued the certificate.
    VerifyCa,
    /// Always; the certificate must also be for this host.
    VerifyFull,
}

/// Which roots may have issued the server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RootCertificates {
    /// Those that the operating system trusts.
    System,
    /// Those in a PEM file.
    File(PathBuf),
}

/// The parameters about TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SslParameters {
    mode: Option<SslMode>,
    /// Who may vouch for the server.
    pub(super) roots: Option<RootCertificates>,
    /// Our certificate, with those that vouch for it.
    pub(super) certificate: Option<PathBuf>,
    /// The key of our certificate.
    pub(super) key: Option<PathBuf>,
}

impl SslParameters {
    /// The mode: `prefer` unless given. `require` checks the certificate if there is something to check it with, and
    /// the roots of the system are only good for `verify-full`.
    pub(super) fn mode(&self) -> Result<SslMode, UrlError> {
        match (self.mode, &self.roots) {
            (None | Some(SslMode::VerifyFull), Some(RootCertificates::System)) => Ok(SslMode::VerifyFull),
            (Some(_), Some(RootCertificates::System)) => Err(UrlError::WeakMode),
            (Some(SslMode::Require), Some(RootCertificates::File(_))) => Ok(SslMode::VerifyCa),
            (Some(SslMode::VerifyCa | SslMode::VerifyFull), None) => Err(UrlError::NoRoots),
            (mode, _) => Ok(mode.unwrap_or(SslMode::Prefer)),
        }
    }

    /// Takes a parameter, both parts as in the URL. Returns whether it is one of these.
    pub(super) fn take(&mut self, name: &str, value: &str) -> Result<bool, UrlError> {
        let text = || percent_decode_str(value).decode_utf8().map_err(|_| UrlError::Value(name.to_owned()));
        match name {
            "sslmode" => self.mode = Some(SslMode::parse(&text()?).ok_or(UrlError::Mode)?),
            "sslrootcert" => {
                self.roots = Some(match text()?.as_ref() {
                    "system" => RootCertificates::System,
                    file => RootCertificates::File(file.into()),
                });
            }
            "sslcert" => self.certificate = Some(text()?.as_ref().into()),
            "sslkey" => self.key = Some(text()?.as_ref().into()),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

impl SslMode {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "disable" => Self::Disable,
            "allow" => Self::Allow,
            "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => return None,
        })
    }
}
