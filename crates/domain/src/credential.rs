//! Stored credentials.

use crate::CodedError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use thiserror::Error;

/// How a user authenticates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    /// No password was ever set, so none can be right.
    #[default]
    None,
    /// The hash of a password.
    Password(PasswordHash),
    /// A credential of another system that cannot be verified safely.
    Unusable {
        /// Its form, such as `bare SHA-256`.
        reason: String,
    },
}

/// A password hash in the text form of any scheme. The crate `auth` interprets it; here it is opaque, and `Debug`
/// hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct PasswordHash(Arc<str>);

/// Identifies a credential without revealing it, so that a token can be bound to it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CredentialDigest([u8; 32]);

/// Why a text cannot be a password hash.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PasswordHashError {
    /// The text is empty.
    #[error("a password hash must not be empty")]
    Empty,
    /// More than [`PasswordHash::MAX_BYTES`] bytes.
    #[error("a password hash has at most {} bytes", PasswordHash::MAX_BYTES)]
    TooLong,
    /// A character other than printable ASCII.
    #[error("a password hash contains printable ASCII only")]
    Character,
}

impl Credential {
    /// The hash to verify against, if there is one.
    #[must_use]
    pub const fn password_hash(&self) -> Option<&PasswordHash> {
        match self {
            Self::Password(hash) => Some(hash),
            Self::None | Self::Unusable { .. } => None,
        }
    }

    /// The digest that identifies this credential.
    #[must_use]
    pub fn digest(&self) -> CredentialDigest {
        let mut hasher = Sha256::new();
        match self {
            Self::None => hasher.update([0]),
            Self::Password(hash) => {
                hasher.update([1]);
                hasher.update(hash.as_str());
            }
            Self::Unusable { reason } => {
                hasher.update([2]);
                hasher.update(reason);
            }
        }
        CredentialDigest(hasher.finalize().into())
    }
}

impl CredentialDigest {
    /// The digest. It is as secret as the credential's hash.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PasswordHash {
    /// The maximum length in bytes: more than any known scheme writes.
    pub const MAX_BYTES: usize = 512;

    /// Checks the text form of a hash.
    ///
    /// # Errors
    /// The first rule of [`PasswordHashError`] that the text violates.
    pub fn new(text: impl Into<String>) -> Result<Self, PasswordHashError> {
        let text = text.into();
        if text.is_empty() {
            return Err(PasswordHashError::Empty);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(PasswordHashError::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(PasswordHashError::Character);
        }
        Ok(Self(text.into()))
    }

    /// The text, for verifying and storing.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

impl fmt::Debug for CredentialDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialDigest(…)")
    }
}

impl CodedError for PasswordHashError {
    fn code(&self) -> &'static str {
        "password_hash_invalid"
    }
}

impl TryFrom<String> for PasswordHash {
    type Error = PasswordHashError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl From<PasswordHash> for String {
    fn from(hash: PasswordHash) -> Self {
        hash.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_hash() {
        let credential = Credential::Password(PasswordHash::new("$2b$12$secret").unwrap());
        assert!(!format!("{credential:?}").contains("secret"));
    }

    #[test]
    fn another_hash_has_another_digest() {
        let one = Credential::Password(PasswordHash::new("$2b$1").unwrap());
        let other = Credential::Password(PasswordHash::new("$2b$2").unwrap());
        assert_ne!(one.digest(), other.digest());
        assert_ne!(Credential::None.digest(), Credential::Unusable { reason: String::new() }.digest());
    }
}
