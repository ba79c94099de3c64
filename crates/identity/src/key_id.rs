//! The name of a key that signs access tokens.

use crate::{CodedError, text_value};
use thiserror::Error;

/// The name of a key, `kid` in a token's header: its thumbprint (RFC 7638), unless the document that the key comes
/// from gives it another name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Box<str>);

/// Why a text cannot name a key.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a key id has at most {} bytes, and none of them is NUL", KeyId::MAX_BYTES)]
pub struct KeyIdError;

impl KeyId {
    /// The maximum length in bytes: the name is part of every token.
    pub const MAX_BYTES: usize = 256;
    /// The length of a thumbprint in characters: 256 bits in base64url without padding.
    pub const THUMBPRINT_LEN: usize = 43;

    /// Checks the name of a key.
    ///
    /// # Errors
    /// [`KeyIdError`] if it has more than [`Self::MAX_BYTES`], or contains NUL, which not every store can keep.
    pub fn new(text: impl Into<String>) -> Result<Self, KeyIdError> {
        let text = text.into();
        let is_name = text.len() <= Self::MAX_BYTES && !text.contains('\0');
        if is_name { Ok(Self(text.into())) } else { Err(KeyIdError) }
    }

    /// Whether this has the form of a thumbprint, as every key of a Roster server has.
    #[must_use]
    pub fn is_thumbprint(&self) -> bool {
        let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        self.0.len() == Self::THUMBPRINT_LEN && self.0.bytes().all(is_base64url)
    }
}

text_value!(KeyId, 0, KeyIdError);

impl CodedError for KeyIdError {
    fn code(&self) -> &'static str {
        "signing_key_id_invalid"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thumbprint_is_recognised_by_its_form() {
        let thumbprint = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
        let is_thumbprint = |text: &str| KeyId::new(text).unwrap().is_thumbprint();
        assert!(is_thumbprint(thumbprint));
        for text in ["", "short", &thumbprint[1..], &format!("{thumbprint}x"), &thumbprint.replace('_', "/")]
        {
            assert!(!is_thumbprint(text), "{text}");
        }
    }

    #[test]
    fn a_name_is_limited_in_length_and_has_no_nul() {
        assert!(KeyId::new("k".repeat(256)).is_ok());
        assert_eq!(KeyId::new("k".repeat(257)), Err(KeyIdError));
        assert_eq!(KeyId::new("k\0"), Err(KeyIdError));
    }
}
