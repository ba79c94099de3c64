//! Why a token is rejected.

use thiserror::Error;

/// Why a token is rejected: for the log. Clients learn only that it was.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenRejected {
    /// More bytes than [`TokenVerifier::MAX_BYTES`](super::TokenVerifier::MAX_BYTES).
    #[error("the token is too long")]
    TooLong,
    /// Not three parts in base64url without padding, the first two of them JSON objects.
    #[error("the token is malformed")]
    Malformed,
    /// The header lacks a parameter, repeats one, or has one that no access token of Roster has, such as `jwk`,
    /// `jku`, `x5u`, `crit` or `b64`.
    #[error("the token's header is not that of an access token")]
    Header,
    /// `typ` is not `at+jwt`, and not `JWT` where that is accepted.
    #[error("the token is not an access token")]
    Type,
    /// No key has this `kid`, or the key is for another `alg` or no longer accepted.
    #[error("no key for the token's kid and alg")]
    Key,
    /// The signature does not match the key.
    #[error("the token's signature is wrong")]
    Signature,
    /// A claim is missing, repeated or of the wrong type.
    #[error("the token's claims are not those of an access token")]
    Claims,
    /// `iss` is another issuer.
    #[error("the token is from another issuer")]
    Issuer,
    /// `aud` does not include this service, or is present although tokens without an audience are expected.
    #[error("the token is for another audience")]
    Audience,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` or `iat` is in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
}
