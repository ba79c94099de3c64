//! The algorithms of keys.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// What a key signs and verifies with. Each key has exactly one (RFC 8725, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyAlgorithm {
    /// HMAC with SHA-256 and a shared secret: anyone who can verify can also sign.
    Hs256,
    /// Ed25519 (RFC 8037): small and fast, with no parameters to get wrong.
    EdDsa,
    /// ECDSA on the curve P-256 with SHA-256.
    Es256,
    /// RSA PKCS #1 v1.5 with SHA-256: supported everywhere; signing is slow.
    Rs256,
}

/// The name of no supported algorithm.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("an algorithm is one of EdDSA, ES256, RS256, HS256")]
pub struct UnknownAlgorithm;

impl KeyAlgorithm {
    /// All algorithms.
    pub const ALL: [Self; 4] = [Self::EdDsa, Self::Es256, Self::Rs256, Self::Hs256];

    /// The name in headers and key documents (RFC 7518, section 3.1; RFC 8037, section 3.1).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    pub(super) const fn library(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Hs256 => jsonwebtoken::Algorithm::HS256,
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
        }
    }
}

/// Parses the exact name.
impl FromStr for KeyAlgorithm {
    type Err = UnknownAlgorithm;
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name).ok_or(UnknownAlgorithm)
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
