//! Keys that verify.

use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey};
use std::fmt;
use thiserror::Error;

/// A key that verifies tokens by one algorithm, which a token cannot choose.
#[derive(Clone)]
pub struct VerifyingKey {
    id: Option<KeyId>,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// The name of a public key: its thumbprint (RFC 7638), 43 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyId(Box<str>);

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum KeyFault {
    /// A shared secret that could be guessed (RFC 7518, section 3.2).
    #[error(
        "a secret for tokens has at least {} bytes, this one has {bytes}; `openssl rand -base64 48` makes one",
        VerifyingKey::MIN_SECRET_BYTES
    )]
    SecretTooShort {
        /// How many it has.
        bytes: usize,
    },
    /// Not an Ed25519 key in PEM form.
    #[error("this is no Ed25519 key in PEM form; `openssl genpkey -algorithm ed25519` makes one")]
    NotEd25519,
}

impl VerifyingKey {
    /// The fewest bytes of a shared secret: as many as SHA-256 has.
    pub const MIN_SECRET_BYTES: usize = 32;

    /// A shared secret, for HS256. Whoever has it can sign too.
    ///
    /// It has no [`KeyId`]: every name made from it would help those who guess.
    ///
    /// # Errors
    /// [`KeyFault::SecretTooShort`] under [`Self::MIN_SECRET_BYTES`].
    pub fn from_secret(secret: &[u8]) -> Result<Self, KeyFault> {
        if secret.len() < Self::MIN_SECRET_BYTES {
            return Err(KeyFault::SecretTooShort { bytes: secret.len() });
        }
        Ok(Self { id: None, algorithm: Algorithm::HS256, key: DecodingKey::from_secret(secret) })
    }

    /// A public Ed25519 key, for `EdDSA`, as a PEM `PUBLIC KEY` (RFC 8410).
    ///
    /// # Errors
    /// [`KeyFault::NotEd25519`].
    pub fn from_ed25519_pem(pem: &str) -> Result<Self, KeyFault> {
        let key = DecodingKey::from_ed_pem(pem.as_bytes()).map_err(|_| KeyFault::NotEd25519)?;
        let jwk = Jwk::from_decoding_key(&key, Some(Algorithm::EdDSA)).map_err(|_| KeyFault::NotEd25519)?;
        Self::from_ed25519_jwk(&jwk)
    }

    pub(super) fn from_ed25519_jwk(jwk: &Jwk) -> Result<Self, KeyFault> {
        let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| KeyFault::NotEd25519)?;
        let key = DecodingKey::from_jwk(jwk).map_err(|_| KeyFault::NotEd25519)?;
        Ok(Self { id: Some(KeyId(thumbprint.into())), algorithm: Algorithm::EdDSA, key })
    }

    /// What tokens of this key call it in `kid`.
    #[must_use]
    pub const fn id(&self) -> Option<&KeyId> {
        self.id.as_ref()
    }

    #[cfg(feature = "issue")]
    pub(super) const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The algorithm as a JWT header names it.
    pub(super) const fn algorithm_name(&self) -> &'static str {
        match self.algorithm {
            Algorithm::EdDSA => "EdDSA",
            _ => "HS256",
        }
    }

    pub(super) fn verifies(&self, signed: &str, signature: &str) -> bool {
        jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &self.key, self.algorithm).unwrap_or(false)
    }
}

impl KeyId {
    /// The thumbprint.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Says which key it is, never what.
impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("algorithm", &self.algorithm_name())
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_id_is_the_thumbprint() {
        // The key and the thumbprint of RFC 8037, appendices A.2 and A.3.
        let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let key = VerifyingKey::from_ed25519_jwk(&serde_json::from_str(jwk).unwrap()).unwrap();
        assert_eq!(key.id().unwrap().as_str(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_short_secret_is_refused_with_the_remedy() {
        let fault = VerifyingKey::from_secret(&[b'x'; 31]).unwrap_err();
        assert_eq!(fault, KeyFault::SecretTooShort { bytes: 31 });
        assert!(fault.to_string().contains("openssl rand"));
        assert!(VerifyingKey::from_secret(&[b'x'; 32]).is_ok());
    }

    #[test]
    fn a_secret_is_not_shown_by_debug() {
        let key = VerifyingKey::from_secret(b"a secret of at least thirty-two bytes").unwrap();
        assert_eq!(format!("{key:?}"), r#"VerifyingKey { algorithm: "HS256", id: None, .. }"#);
    }
}
