//! `[migration]`

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::{Host, Url};

use crate::fields::{Expectation, SettingsReader};
use crate::{Secret, rules};

/// The prefix of a secret, as Standard Webhooks writes it.
const PREFIX: &str = "whsec_";

/// What the first logins of people from another system need.
#[derive(Debug)]
pub struct Migration {
    /// Whom to ask; `None` asks nobody.
    pub old_system: Option<OldSystem>,
    /// How long a question may take, and how much longer every failed login then takes.
    pub timeout: Duration,
    /// The pepper in imported hashes of Devise.
    pub devise_pepper: Option<Secret>,
    /// `SECURITY_PASSWORD_SALT`, which is in imported hashes of Flask-Security.
    pub flask_security_salt: Option<Secret>,
}

/// The system that the users come from.
#[derive(Debug)]
pub struct OldSystem {
    /// `https`, or `http` to this machine, without credentials.
    pub verify_url: String,
    /// The secret that signs the questions: `whsec_` and base64 of 24 to 64 bytes.
    pub verify_secret: Secret,
}

/// The longest pepper. Devise generates one of 128 bytes.
const MAX_PEPPER_BYTES: usize = 1024;

impl Migration {
    /// The secret is required if the URL is set.
    pub(crate) fn read(fields: &mut SettingsReader) -> Self {
        let url = fields.optional("migration.verify_url", verify_url);
        let secret = fields.one("migration.verify_secret", |text| match text {
            "" if url.is_some() => Err(format!("set if migration.verify_url is: {}", expected())),
            "" => Ok(None),
            text => verify_secret(text).map(Some),
        });
        let timeout = rules::duration(Duration::from_millis(100)..=Duration::from_secs(3));
        Self {
            old_system: url
                .zip(secret)
                .map(|(verify_url, verify_secret)| OldSystem { verify_url, verify_secret }),
            timeout: fields.one("migration.timeout", timeout),
            devise_pepper: fields.optional("migration.devise_pepper", pepper),
            flask_security_salt: fields.optional("migration.flask_security_salt", pepper),
        }
    }

    /// The secret, if it is set together with a URL.
    pub(crate) fn secret(&self) -> Option<&Secret> {
        self.old_system.as_ref().map(|old| &old.verify_secret)
    }
}

/// The URL as the parser understood it, so that the client reads the same host from it.
fn verify_url(text: &str) -> Result<String, Expectation> {
    let url = Url::parse(text).ok().filter(is_accepted);
    url.map(String::from).ok_or_else(|| {
        "an https URL such as https://old.example.com/verify, or an http URL of this machine such as \
         http://127.0.0.1:8080/verify, without a user, a password or a fragment"
            .to_owned()
    })
}

fn is_accepted(url: &Url) -> bool {
    let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    is_bare
        && match url.scheme() {
            "https" => url.has_host(),
            "http" => url.host().is_some_and(|host| is_this_machine(&host)),
            _ => false,
        }
}

fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Any text: other systems do not check theirs.
fn pepper(text: &str) -> Result<Secret, Expectation> {
    let fits = text.len() <= MAX_PEPPER_BYTES;
    fits.then(|| Secret::new(text)).ok_or_else(|| format!("a text of at most {MAX_PEPPER_BYTES} bytes"))
}

fn verify_secret(text: &str) -> Result<Secret, Expectation> {
    let bytes = text.strip_prefix(PREFIX).and_then(|key| STANDARD.decode(key).ok());
    let fits = bytes.is_some_and(|bytes| (24..=64).contains(&zeroize::Zeroizing::new(bytes).len()));
    fits.then(|| Secret::new(text)).ok_or_else(expected)
}

fn expected() -> String {
    format!(
        "{PREFIX} and base64 of 24 to 64 bytes; generate one with: echo \"{PREFIX}$(openssl rand -base64 32)\""
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_is_https_or_of_this_machine() {
        for good in [
            "https://old.example.com/verify",
            "https://old.example.com:8443/verify?tenant=1",
            "http://127.0.0.1:8080/verify",
            "http://[::1]:8080/verify",
            "http://localhost/verify",
        ] {
            assert_eq!(verify_url(good).as_deref(), Ok(good));
        }
        for bad in [
            "http://old.example.com/verify",
            "http://10.0.0.1/verify",
            "http://localhost.example.com/verify",
            "http://127.0.0.1@old.example.com/verify",
            "https://ada:hunter2@old.example.com/verify",
            "https://old.example.com/verify#x",
            "ftp://old.example.com/verify",
            "old.example.com/verify",
        ] {
            assert!(verify_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_backslash_does_not_hide_another_host() {
        assert_eq!(
            verify_url("http://127.0.0.1\\@old.example.com").as_deref(),
            Ok("http://127.0.0.1/@old.example.com")
        );
    }

    #[test]
    fn a_secret_has_the_prefix_and_24_to_64_bytes() {
        let of = |bytes: usize| format!("{PREFIX}{}", STANDARD.encode(vec![7; bytes]));
        for good in [of(24), of(32), of(64)] {
            assert!(verify_secret(&good).is_ok(), "{good}");
        }
        for bad in [of(23), of(65), STANDARD.encode([7; 32]), format!("{PREFIX}?"), PREFIX.to_owned()] {
            assert!(verify_secret(&bad).is_err(), "{bad}");
        }
    }
}
