//! Why a token is rejected, in the words of the log.

use super::rejected::TokenRejected;
use jiff::SignedDuration;
use std::fmt;
use thiserror::Error;

/// Why a token is rejected, with the details that help an operator. Never the token itself: of its text, only `typ`,
/// `kid`, `alg`, `iss` and `aud` are shown, quoted and cut to a few characters.
#[derive(Debug, Error)]
pub(super) enum Rejection {
    #[error("it has {bytes} bytes, more than any access token")]
    TooLong { bytes: usize },
    #[error("it is not a JWT: three parts in base64url without padding, two of them JSON objects")]
    Malformed,
    #[error("its header lacks a parameter or has one that no access token has: {0}")]
    Header(Quoted),
    #[error("its typ is {0}")]
    Type(Quoted),
    #[error("no key has its kid, {kid}")]
    UnknownKey { kid: Quoted },
    #[error("it has no kid, and every key has one")]
    KidMissing,
    #[error("its alg is {alg}, and its key is for {expected}")]
    Algorithm { alg: Quoted, expected: &'static str },
    #[error("its key is no longer accepted")]
    KeyEnded,
    #[error("its signature is wrong")]
    Signature,
    #[error("a claim is missing, repeated or malformed")]
    Claims,
    #[error("its issuer is {found}, not {expected}")]
    Issuer { found: Quoted, expected: Quoted },
    #[error("its audience is {found}, not {expected}")]
    Audience { found: Quoted, expected: Quoted },
    #[error("it names the audience {found}, and this service accepts only tokens without one")]
    UnexpectedAudience { found: Quoted },
    #[error("it expired {ago:#} ago")]
    Expired { ago: SignedDuration },
    #[error("it becomes valid in {wait:#}; check the clocks")]
    NotYetValid { wait: SignedDuration },
}

/// Text that comes from outside: quoted, with control characters escaped, and cut.
#[derive(Debug)]
pub(super) struct Quoted(Box<str>);

impl Quoted {
    const MAX_LEN: usize = 80;

    pub(super) fn new(text: &str) -> Self {
        Self(text.chars().take(Self::MAX_LEN).collect())
    }
}

impl fmt::Display for Quoted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl From<&Rejection> for TokenRejected {
    fn from(rejection: &Rejection) -> Self {
        match rejection {
            Rejection::TooLong { .. } => Self::TooLong,
            Rejection::Malformed => Self::Malformed,
            Rejection::Header(_) => Self::Header,
            Rejection::Type(_) => Self::Type,
            Rejection::UnknownKey { .. }
            | Rejection::KidMissing
            | Rejection::Algorithm { .. }
            | Rejection::KeyEnded => Self::Key,
            Rejection::Signature => Self::Signature,
            Rejection::Claims => Self::Claims,
            Rejection::Issuer { .. } => Self::Issuer,
            Rejection::Audience { .. } | Rejection::UnexpectedAudience { .. } => Self::Audience,
            Rejection::Expired { .. } => Self::Expired,
            Rejection::NotYetValid { .. } => Self::NotYetValid,
        }
    }
}
