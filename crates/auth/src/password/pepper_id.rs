//! Identifies the peppers of other systems.

use roster_domain::PasswordHash;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// How a system mixes its secret into a password before it hashes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PepperScheme {
    /// Devise appends its `pepper` to the password.
    Devise,
    /// Flask-Security replaces the password by base64 of its HMAC-SHA-512 under `SECURITY_PASSWORD_SALT`.
    FlaskSecurity,
}

/// Identifies a pepper without revealing it: guessing the pepper by it costs 600,000 rounds of PBKDF2 for each guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PepperId {
    pub(super) scheme: PepperScheme,
    pub(super) check: [u8; 4],
}

/// A text is not a [`PepperId`].
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("expected a scheme, a comma and eight hexadecimal digits, such as devise,0a1b2c3d")]
pub struct InvalidPepperId;

impl PepperScheme {
    const ALL: [Self; 2] = [Self::Devise, Self::FlaskSecurity];

    /// Whether the system mixes its pepper into the passwords of hashes like this one. Devise writes bcrypt only;
    /// Flask-Security hashes the password itself in the schemes of Django.
    #[must_use]
    pub fn is_in(self, hash: &str) -> bool {
        let begins = |names: &[&str]| names.iter().any(|name| hash.starts_with(name));
        match self {
            Self::Devise => begins(&["$2"]),
            Self::FlaskSecurity => {
                let single = ["argon2$", "bcrypt$", "bcrypt_sha256$", "pbkdf2_", "sha1$", "md5$"];
                !begins(&single) && !begins(&[PasswordHash::PEPPERED])
            }
        }
    }

    /// Its name in stored hashes.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Devise => "devise",
            Self::FlaskSecurity => "flask-security",
        }
    }
}

impl fmt::Display for PepperScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Devise => "the pepper of Devise",
            Self::FlaskSecurity => "the SECURITY_PASSWORD_SALT of Flask-Security",
        })
    }
}

impl PepperId {
    /// How the pepper is used.
    #[must_use]
    pub const fn scheme(self) -> PepperScheme {
        self.scheme
    }
}

impl fmt::Display for PepperId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.scheme.name(), hex::encode(self.check))
    }
}

impl FromStr for PepperId {
    type Err = InvalidPepperId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, digits) = text.split_once(',').ok_or(InvalidPepperId)?;
        let scheme = PepperScheme::ALL.into_iter().find(|scheme| scheme.name() == name);
        let mut check = [0; 4];
        hex::decode_to_slice(digits, &mut check).map_err(|_| InvalidPepperId)?;
        Ok(Self { scheme: scheme.ok_or(InvalidPepperId)?, check })
    }
}

impl TryFrom<String> for PepperId {
    type Error = InvalidPepperId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PepperId> for String {
    fn from(id: PepperId) -> Self {
        id.to_string()
    }
}
