//! Formats of password hashes.

use super::pepper::PepperError;
use std::fmt;
use thiserror::Error;

/// A password hash format that Roster can verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// `$2a$`, `$2b$`, `$2x$`, `$2y$`.
    Bcrypt,
    /// passlib's `$bcrypt-sha256$`.
    BcryptSha256,
    /// `$argon2d$`, `$argon2i$`, `$argon2id$` (RFC 9106, PHC string format).
    Argon2,
    /// passlib's `$pbkdf2$`, `$pbkdf2-sha256$`, `$pbkdf2-sha512$`.
    PasslibPbkdf2,
    /// Django's `pbkdf2_sha1$`, `pbkdf2_sha256$`.
    DjangoPbkdf2,
    /// werkzeug's `pbkdf2:sha1:`, `pbkdf2:sha256:`, `pbkdf2:sha512:` and the like.
    WerkzeugPbkdf2,
    /// werkzeug's `scrypt:`.
    WerkzeugScrypt,
    /// Django's `bcrypt_sha256$$2b$`, and Meteor's hashes.
    DjangoBcryptSha256,
    /// `$wp$2y$` of `WordPress` 6.8 and later.
    WordPressBcrypt,
    /// `$bcrypt$v=98$r=10$` of `AdonisJS`.
    PhcBcrypt,
    /// `$pbkdf2-sha256$i=600000,l=32$` (PHC string format).
    PhcPbkdf2,
    /// Mattermost's `$pbkdf2$f=SHA256,w=600000,l=32$`.
    MattermostPbkdf2,
    /// `{PBKDF2}`, `{PBKDF2-SHA256}`, `{PBKDF2-SHA512}` of `OpenLDAP` and Dovecot.
    LdapPbkdf2,
    /// Atlassian's `{PKCS5S2}`.
    AtlassianPbkdf2,
    /// The base64 of ASP.NET Identity, versions 2 and 3.
    AspNetIdentity,
    /// Django's `scrypt$`.
    DjangoScrypt,
    /// `$scrypt$ln=16,r=8,p=1$` of passlib and `$scrypt$n=16384,r=8,p=1$` of `AdonisJS`.
    PhcScrypt,
    /// `salt:key` in hexadecimal digits, of better-auth, lucia and oslo.
    HexScrypt,
    /// `{SCRAM-SHA-256}` of Dovecot and `SCRAM-SHA-256$` of `PostgreSQL`.
    Scram,
    /// `$firebase-scrypt$`, made of a Firebase export by `FirebaseProject::hash`.
    FirebaseScrypt,
    /// `$1$` and `$apr1$`.
    Md5Crypt,
    /// `$5$` and `$6$`.
    ShaCrypt,
    /// `$y$`.
    Yescrypt,
    /// `$7$`.
    ScryptCrypt,
    /// `$P$`, `$H$` and Drupal's `$S$`.
    Phpass,
    /// `{SSHA}`, `{SHA}`, `{SMD5}`, `{SSHA256}` and the like: one round.
    LdapDigest,
    /// `sha1$salt$digits`, `md5$salt$digits`, and `$salted$`, made by `SaltedForm::hash`: one round.
    SaltedDigest,
}

/// Why a text cannot be imported as a password hash. The display form is for an import's report.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum UnsupportedHash {
    /// The text is empty.
    #[error("empty")]
    Empty,
    /// A fast digest without a salt or a work factor: as good as the password itself.
    #[error("bare {0}")]
    BareDigest(&'static str),
    /// Verifying it takes more memory or time than a login may cost.
    #[error("{0} with parameters over the limit")]
    TooCostly(Scheme),
    /// It begins like the format, but is not valid.
    #[error("malformed {0}")]
    Malformed(Scheme),
    /// The hash was made with a pepper that is not at hand.
    #[error("a hash with a pepper: {0}")]
    Pepper(#[from] PepperError),
    /// No known format.
    #[error("unknown format")]
    Unknown,
}

impl Scheme {
    /// Whether a hash protects its password so little that it should be imported only on purpose: a single round of a
    /// fast digest.
    #[must_use]
    pub const fn is_weak(self) -> bool {
        matches!(self, Self::LdapDigest | Self::SaltedDigest)
    }
}

impl UnsupportedHash {
    /// Why a text that begins like no known format is not supported.
    pub(super) fn of_unknown(text: &str) -> Self {
        if text.is_empty() {
            return Self::Empty;
        }
        let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        digest_of_length(text.len()).filter(|_| is_hex).map_or(Self::Unknown, Self::BareDigest)
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bcrypt => "bcrypt",
            Self::BcryptSha256 => "bcrypt-sha256",
            Self::Argon2 => "argon2",
            Self::PasslibPbkdf2 => "passlib pbkdf2",
            Self::DjangoPbkdf2 => "Django pbkdf2",
            Self::WerkzeugPbkdf2 => "werkzeug pbkdf2",
            Self::WerkzeugScrypt => "werkzeug scrypt",
            Self::DjangoBcryptSha256 => "Django bcrypt_sha256",
            Self::WordPressBcrypt => "WordPress bcrypt",
            Self::PhcBcrypt => "PHC bcrypt",
            Self::PhcPbkdf2 => "PHC pbkdf2",
            Self::MattermostPbkdf2 => "Mattermost pbkdf2",
            Self::LdapPbkdf2 => "LDAP pbkdf2",
            Self::AtlassianPbkdf2 => "Atlassian PKCS5S2",
            Self::AspNetIdentity => "ASP.NET Identity hash",
            Self::DjangoScrypt => "Django scrypt",
            Self::PhcScrypt => "PHC scrypt",
            Self::HexScrypt => "better-auth scrypt",
            Self::Scram => "SCRAM key",
            Self::FirebaseScrypt => "Firebase scrypt",
            Self::Md5Crypt => "MD5-crypt",
            Self::ShaCrypt => "SHA-crypt",
            Self::Yescrypt => "yescrypt",
            Self::ScryptCrypt => "crypt scrypt",
            Self::Phpass => "phpass",
            Self::LdapDigest => "LDAP digest",
            Self::SaltedDigest => "salted digest",
        })
    }
}

/// The digest that has this many hexadecimal digits.
const fn digest_of_length(digits: usize) -> Option<&'static str> {
    Some(match digits {
        32 => "MD5",
        40 => "SHA-1",
        56 => "SHA-224",
        64 => "SHA-256",
        96 => "SHA-384",
        128 => "SHA-512",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_digest_is_named() {
        let why = |len| Scheme::recognise(&"0aF".repeat(64)[..len]).unwrap_err().to_string();
        assert_eq!(why(32), "bare MD5");
        assert_eq!(why(40), "bare SHA-1");
        assert_eq!(why(64), "bare SHA-256");
        assert_eq!(why(128), "bare SHA-512");
        assert_eq!(why(33), "unknown format");
    }

    #[test]
    fn unknown_formats_are_reported_with_a_reason() {
        assert_eq!(Scheme::recognise(""), Err(UnsupportedHash::Empty));
        for text in ["!", "hunter2", "$3$salt$digest", "$gy$j9T$salt$digest", "{NOOP}AAAA", "$2b", "argon2"] {
            assert_eq!(Scheme::recognise(text), Err(UnsupportedHash::Unknown), "{text}");
        }
    }
}
