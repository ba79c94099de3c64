//! The URL of a database of MySQL or MariaDB.

use std::fmt;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use url::Url;
use zeroize::Zeroizing;

use crate::error::SourceError;

/// `mysql://user:password@host:port/database?ssl-mode=…`. It has no `Debug`, and `Display` shows neither the password nor the
/// parameters.
pub(crate) struct MySqlUrl {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Zeroizing<String>>,
    pub(crate) database: Option<String>,
    /// The socket of a server on this machine.
    pub(crate) socket: Option<String>,
    pub(crate) encryption: Encryption,
    /// The file with the roots that may have issued the certificate of the server.
    pub(crate) roots: Option<PathBuf>,
}

/// How the connection is encrypted, with the meaning that `--ssl-mode` of MySQL's own client has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encryption {
    /// Never.
    Disabled,
    /// If the server offers it.
    Preferred,
    /// Always; the certificate is not checked.
    Required,
    /// Always; a known root must have issued the certificate, for this host. `verify-ca` means this too, because `mysql_async`
    /// cannot leave the name out.
    Verified,
}

const PORT: u16 = 3306;

impl MySqlUrl {
    /// # Errors
    /// [`SourceError::Url`], which does not show the URL.
    pub(crate) fn parse(text: &str) -> Result<Self, SourceError> {
        let url = Url::parse(text).map_err(|error| fault(&error.to_string()))?;
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| fault("it names no host"))?.trim_matches(['[', ']']).to_owned();
        let some = |text: &str| Some(text).filter(|text| !text.is_empty()).map(decoded).transpose();
        let mut parsed = Self {
            host,
            port: url.port().unwrap_or(PORT),
            user: some(url.username())?,
            password: url.password().map(decoded).transpose()?.map(Zeroizing::new),
            database: some(url.path().trim_start_matches('/'))?,
            socket: None,
            encryption: Encryption::Preferred,
            roots: None,
        };
        for (name, value) in url.query_pairs() {
            parsed.set(&name, &value)?;
        }
        Ok(parsed)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), SourceError> {
        match name {
            "socket" => self.socket = Some(value.to_owned()),
            "sslmode" | "ssl-mode" | "ssl_mode" => self.encryption = Encryption::parse(value)?,
            "sslrootcert" | "ssl-ca" | "ssl_ca" => self.roots = Some(value.into()),
            _ => return Err(fault("of its parameters only ssl-mode, ssl-ca and socket are known")),
        }
        Ok(())
    }
}

impl Encryption {
    fn parse(text: &str) -> Result<Self, SourceError> {
        Ok(match text.to_ascii_lowercase().replace('_', "-").as_str() {
            "disable" | "disabled" => Self::Disabled,
            "prefer" | "preferred" => Self::Preferred,
            "require" | "required" => Self::Required,
            "verify-ca" | "verify-full" | "verify-identity" => Self::Verified,
            _ => {
                return Err(fault("ssl-mode is disabled, preferred, required, verify-ca or verify-identity"));
            }
        })
    }
}

fn decoded(text: &str) -> Result<String, SourceError> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(std::borrow::Cow::into_owned).map_err(|_| fault("a part of it is not UTF-8"))
}

fn fault(reason: &str) -> SourceError {
    SourceError::Url(format!("the URL of MySQL cannot be read: {reason}"))
}

impl fmt::Display for MySqlUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mysql://")?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        write!(f, "{}:{}", self.host, self.port)?;
        self.database.as_ref().map_or(Ok(()), |database| write!(f, "/{database}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_its_parts() {
        let url = MySqlUrl::parse(
            "mysql://an%40na:s%2Fcret@db.example:3307/shop?ssl-mode=VERIFY_CA&ssl-ca=/ca.pem",
        );
        let url = url.unwrap();
        assert_eq!(url.to_string(), "mysql://an@na@db.example:3307/shop");
        assert_eq!(url.password.as_deref().map(String::as_str), Some("s/cret"));
        assert_eq!((url.encryption, url.roots), (Encryption::Verified, Some("/ca.pem".into())));
        let short = MySqlUrl::parse("mariadb://127.0.0.1?socket=/run/db.sock").unwrap();
        assert_eq!((short.port, short.socket.as_deref(), short.database), (3306, Some("/run/db.sock"), None));
        assert_eq!(short.encryption, Encryption::Preferred);
    }

    #[test]
    fn no_error_shows_the_password() {
        for text in [
            "mysql://u:s3cret@",
            "mysql://u:s3cret@h:x/",
            "mysql://u:s3cret@h/d?ssl-mode=s3cret",
            "mysql://h?password=s3cret",
        ] {
            let error = MySqlUrl::parse(text).err().unwrap().to_string();
            assert!(!error.contains("s3cret"), "{error}");
        }
    }
}
