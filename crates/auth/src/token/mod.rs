//! Access tokens: JWTs as in RFC 9068, signed with a key and verified offline by anyone who has its public half.

mod algorithm;
mod cache;
mod claims;
#[cfg(feature = "issue")]
mod issuer;
mod jwk;
mod key;
mod key_error;
mod key_set;
mod limits;
#[cfg(feature = "issue")]
mod password_change;
mod pem;
#[cfg(feature = "issue")]
mod private_key;
mod profile;
mod public_key;
#[cfg(feature = "issue")]
mod refresh;
mod rejected;
mod rejection;
#[cfg(feature = "issue")]
mod ring;
mod scope;
#[cfg(feature = "issue")]
mod signing_key;
mod subject;
mod token_type;
mod verifier;

pub use algorithm::{KeyAlgorithm, UnknownAlgorithm};
#[cfg(feature = "fetch")]
pub(crate) use cache::{TokenFingerprint, TokenFingerprinter};
pub use claims::Claims;
#[cfg(feature = "test-kit")]
pub(crate) use issuer::sign;
#[cfg(feature = "issue")]
pub use issuer::{AccessToken, IssuerSettings, SigningFailed, TokenIssuer};
pub use key::VerifyingKey;
pub use key_error::KeyError;
pub use key_set::{KeySet, KeySetError};
#[cfg(feature = "issue")]
pub use password_change::{NotAPasswordChangeToken, PASSWORD_CHANGE_START, PasswordChangeToken};
pub use profile::{ProfileClaim, ProfileClaims};
#[cfg(feature = "issue")]
pub use refresh::{NotARefreshToken, RefreshToken, SealingFailed};
pub use rejected::TokenRejected;
#[cfg(feature = "issue")]
pub use ring::{KeyChange, KeyChangeKind, KeyRing, KeyState, RestoredRing, RingDamaged, RingError, RingKey};
pub use roster_identity::KeyId;
pub use scope::Scope;
#[cfg(feature = "issue")]
pub use signing_key::{NotGenerated, SigningKey};
pub use subject::Subject;
pub use token_type::TokenType;
pub use verifier::{TokenVerifier, VerifierSettings};
