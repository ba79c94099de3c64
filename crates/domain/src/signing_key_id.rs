//! What a key for access tokens is called.

use crate::CodedError;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The name of a key for access tokens, the `kid` in their headers: a thumbprint (RFC 7638), 43 characters of
/// base64url.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SigningKeyId(Box<str>);

/// Why a text is no name of a key.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the name of a key has {} of A-Z, a-z, 0-9 and - _", SigningKeyId::LEN)]
pub struct SigningKeyIdError;

impl SigningKeyId {
    /// How many characters it has.
    pub const LEN: usize = 43;

    /// Takes the name of a key.
    ///
    /// # Errors
    /// [`SigningKeyIdError`].
    pub fn new(text: impl Into<String>) -> Result<Self, SigningKeyIdError> {
        let text = text.into();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if text.len() == Self::LEN && text.bytes().all(plain) {
            Ok(Self(text.into()))
        } else {
            Err(SigningKeyIdError)
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SigningKeyId {
    type Error = SigningKeyIdError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl From<SigningKeyId> for String {
    fn from(id: SigningKeyId) -> Self {
        id.0.into()
    }
}

impl CodedError for SigningKeyIdError {
    fn code(&self) -> &'static str {
        "signing_key_id_invalid"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbprint_is_the_name_of_a_key() {
        let thumbprint = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
        assert_eq!(SigningKeyId::new(thumbprint).unwrap().as_str(), thumbprint);
        for text in ["", "short", &thumbprint[1..], &format!("{thumbprint}x"), &thumbprint.replace('_', "/")]
        {
            assert_eq!(SigningKeyId::new(text), Err(SigningKeyIdError), "{text}");
        }
    }
}
