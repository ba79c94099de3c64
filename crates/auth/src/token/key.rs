//! Keys that verify tokens.

use super::algorithm::KeyAlgorithm;
use super::jwk::{Jwk, Material, thumbprint};
use super::key_error::KeyError;
use super::limits;
use super::pem;
use super::public_key::PublicKey;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::DecodingKey;
use roster_identity::KeyId;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// A key that verifies tokens with its own algorithm; a token cannot choose another.
#[derive(Clone)]
pub struct VerifyingKey {
    id: Option<KeyId>,
    algorithm: KeyAlgorithm,
    /// `None` for a shared secret, which is never published.
    public: Option<PublicKey>,
    key: DecodingKey,
    fingerprint: Fingerprint,
    accept_until: Option<Timestamp>,
}

/// Identifies a key by its material rather than its name. The fingerprint of a secret is itself secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; 32]);

impl VerifyingKey {
    /// The maximum length of a key's name in bytes: the name is part of every token.
    pub const MAX_ID_BYTES: usize = KeyId::MAX_BYTES;
    /// The minimum length of a shared secret in bytes.
    pub const MIN_SECRET_BYTES: usize = limits::MIN_SECRET_BYTES;
    /// The minimum size of an RSA key in bits.
    pub const MIN_RSA_BITS: usize = limits::MIN_RSA_BITS;
    /// The maximum size of an RSA key in bits.
    pub const MAX_RSA_BITS: usize = limits::MAX_RSA_BITS;

    /// A shared secret, for HS256. Anyone who has it can also sign.
    ///
    /// It has no [`KeyId`], because any name derived from it would help an attacker guess it.
    ///
    /// # Errors
    /// [`KeyError::SecretTooShort`] if it has fewer than [`Self::MIN_SECRET_BYTES`].
    pub fn from_secret(secret: &[u8]) -> Result<Self, KeyError> {
        if secret.len() < Self::MIN_SECRET_BYTES {
            return Err(KeyError::SecretTooShort { bytes: secret.len() });
        }
        Ok(Self {
            id: None,
            algorithm: KeyAlgorithm::Hs256,
            public: None,
            key: DecodingKey::from_secret(secret),
            fingerprint: Fingerprint(Sha256::digest(secret).into()),
            accept_until: None,
        })
    }

    /// A public key as PEM, `PUBLIC KEY` (RFC 5280, RFC 8410) or `RSA PUBLIC KEY` (RFC 8017): Ed25519 for `EdDSA`,
    /// P-256 for ES256, RSA for RS256.
    ///
    /// # Errors
    /// [`KeyError`] if it is something else or too weak.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        pem::public_key(pem).map(Self::from_public)
    }

    /// A public key or a shared secret as a JWK (RFC 7517): `kty` OKP with Ed25519, EC with P-256, RSA, or `oct`.
    /// The algorithm follows from the type; `alg`, if present, must agree. `kid` becomes the key's name.
    ///
    /// # Errors
    /// [`KeyError`] if it is something else, too weak, or private.
    pub fn from_jwk(json: &str) -> Result<Self, KeyError> {
        Self::of_jwk(&Jwk::parse(json)?)
    }

    pub(super) fn of_jwk(jwk: &Jwk) -> Result<Self, KeyError> {
        if jwk.is_private() {
            return Err(KeyError::Private);
        }
        Self::of_either_half(jwk, "verify")
    }

    /// Reads a JWK with or without its private half.
    pub(super) fn of_either_half(jwk: &Jwk, operation: &str) -> Result<Self, KeyError> {
        let key = match jwk.material(operation)? {
            Material::Secret(secret) => Self::from_secret(&secret)?,
            Material::Public(public) => Self::from_public(public),
        };
        let named = jwk.kid.as_deref().map(KeyId::new).transpose().map_err(|_| KeyError::IdTooLong)?;
        Ok(Self { id: named.or(key.id), ..key })
    }

    pub(super) fn from_public(public: PublicKey) -> Self {
        let thumbprint = thumbprint(&public);
        Self {
            id: KeyId::new(URL_SAFE_NO_PAD.encode(thumbprint)).ok(),
            algorithm: public.algorithm(),
            key: public.decoding_key(),
            public: Some(public),
            fingerprint: Fingerprint(thumbprint),
            accept_until: None,
        }
    }

    /// The same key, accepted only before `end`.
    #[must_use]
    pub fn accepted_until(self, end: Timestamp) -> Self {
        Self { accept_until: Some(end), ..self }
    }

    /// When its tokens stop being accepted; `None` means never.
    #[must_use]
    pub const fn accept_until(&self) -> Option<Timestamp> {
        self.accept_until
    }

    /// Whether its tokens are accepted at `now`.
    #[must_use]
    pub fn is_accepted(&self, now: Timestamp) -> bool {
        self.accept_until.is_none_or(|end| now < end)
    }

    /// The `kid` of its tokens. A shared secret has none unless a JWK gave it one.
    #[must_use]
    pub const fn id(&self) -> Option<&KeyId> {
        self.id.as_ref()
    }

    /// The algorithm it verifies with.
    #[must_use]
    pub const fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// Whether it may be published. A shared secret may not.
    #[must_use]
    pub const fn is_public(&self) -> bool {
        self.public.is_some()
    }

    /// Its form in a key set; `None` for a secret.
    pub(super) fn published(&self) -> Option<Jwk> {
        let public = self.public.as_ref()?;
        Some(Jwk {
            kid: self.id.as_ref().map(ToString::to_string),
            alg: Some(self.algorithm.to_string()),
            usage: Some("sig".to_owned()),
            ..Jwk::of_public(public)
        })
    }

    pub(super) const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub(super) fn verifies(&self, signed: &str, signature: &str) -> bool {
        let algorithm = self.algorithm.library();
        jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &self.key, algorithm).unwrap_or(false)
    }
}

/// Shows the id of the key, and hides the key itself.
impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("algorithm", &self.algorithm.as_str())
            .field("id", &self.id)
            .field("accept_until", &self.accept_until)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
