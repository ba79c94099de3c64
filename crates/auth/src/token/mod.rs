//! Access tokens: JWTs by RFC 9068, signed with one key and verified offline by anyone who has its other half.

mod cache;
mod claims;
#[cfg(feature = "issue")]
mod issuer;
mod key;
mod rejected;
#[cfg(feature = "issue")]
mod signing_key;
mod verifier;

pub use claims::Claims;
#[cfg(feature = "issue")]
pub use issuer::{AccessToken, IssuerSettings, SigningFailed, TokenIssuer};
pub use key::{KeyFault, KeyId, VerifyingKey};
pub use rejected::TokenRejected;
#[cfg(feature = "issue")]
pub use signing_key::{SigningKey, generate_ed25519_pem};
pub use verifier::{TokenVerifier, VerifierSettings};

/// The media type of an access token in a JWT header (RFC 9068, section 2.1).
#[cfg(feature = "issue")]
const TYPE: &str = "at+jwt";
