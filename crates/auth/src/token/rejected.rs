//! Why a token is not accepted.

use thiserror::Error;

/// Why a token is not accepted: for the log. Callers learn only that it was not.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenRejected {
    /// More bytes than [`TokenVerifier::MAX_BYTES`](super::TokenVerifier::MAX_BYTES).
    #[error("the token is too long")]
    TooLong,
    /// Not three parts in base64url without padding, the first two of them JSON objects.
    #[error("the token is malformed")]
    Malformed,
    /// The header lacks a parameter, has one twice, or has one that no access token of Roster has, such as
    /// `jwk`, `jku`, `x5u`, `crit` or `b64`.
    #[error("the token's header is not an access token's")]
    Header,
    /// `typ` is not `at+jwt`, and not `JWT` where that is accepted.
    #[error("the token is no access token")]
    Type,
    /// No key goes by this `kid`, or the one that does is not for this `alg`, or its tokens are no longer
    /// accepted.
    #[error("no key for the token's kid and alg")]
    Key,
    /// The signature is not the key's.
    #[error("the token's signature is wrong")]
    Signature,
    /// A claim is missing, there twice, or of the wrong type.
    #[error("the token's claims are not an access token's")]
    Claims,
    /// `iss` is another issuer.
    #[error("the token is from another issuer")]
    Issuer,
    /// `aud` names others, or nobody, or somebody where tokens without an audience are expected.
    #[error("the token is for another audience")]
    Audience,
    /// `exp` has come.
    #[error("the token has expired")]
    Expired,
    /// `nbf` or `iat` is still to come.
    #[error("the token is not valid yet")]
    NotYetValid,
}
