//! Formats of password hashes.

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
    /// werkzeug's `pbkdf2:sha1:`, `pbkdf2:sha256:`, `pbkdf2:sha512:`.
    WerkzeugPbkdf2,
    /// werkzeug's `scrypt:`.
    WerkzeugScrypt,
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
    /// No known format.
    #[error("unknown format")]
    Unknown,
}

impl Scheme {
    /// The format that a text begins like.
    pub(super) fn by_prefix(text: &str) -> Result<Self, UnsupportedHash> {
        const PREFIXES: [(&str, Scheme); 15] = [
            ("$2a$", Scheme::Bcrypt),
            ("$2b$", Scheme::Bcrypt),
            ("$2x$", Scheme::Bcrypt),
            ("$2y$", Scheme::Bcrypt),
            ("$bcrypt-sha256$", Scheme::BcryptSha256),
            ("$argon2d$", Scheme::Argon2),
            ("$argon2i$", Scheme::Argon2),
            ("$argon2id$", Scheme::Argon2),
            ("$pbkdf2$", Scheme::PasslibPbkdf2),
            ("$pbkdf2-sha256$", Scheme::PasslibPbkdf2),
            ("$pbkdf2-sha512$", Scheme::PasslibPbkdf2),
            ("pbkdf2_sha1$", Scheme::DjangoPbkdf2),
            ("pbkdf2_sha256$", Scheme::DjangoPbkdf2),
            ("pbkdf2:", Scheme::WerkzeugPbkdf2),
            ("scrypt:", Scheme::WerkzeugScrypt),
        ];
        let found = PREFIXES.iter().find(|(prefix, _)| text.starts_with(prefix));
        found.map(|(_, scheme)| *scheme).ok_or_else(|| unsupported(text))
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
        })
    }
}

fn unsupported(text: &str) -> UnsupportedHash {
    if text.is_empty() {
        return UnsupportedHash::Empty;
    }
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match digest_of_length(text.len()).filter(|_| is_hex) {
        Some(digest) => UnsupportedHash::BareDigest(digest),
        None => UnsupportedHash::Unknown,
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
        for text in ["!", "hunter2", "$1$salt$digest", "$6$salt$digest", "{SSHA}AAAA", "$2b", "argon2"] {
            assert_eq!(Scheme::recognise(text), Err(UnsupportedHash::Unknown), "{text}");
        }
    }
}
