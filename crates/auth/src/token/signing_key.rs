//! Keys that sign.

use super::algorithm::KeyAlgorithm;
use super::jwk::{Jwk, Material};
use super::key::VerifyingKey;
use super::key_fault::KeyFault;
use super::private_key::PrivateKey;
use crate::Entropy;
use jsonwebtoken::EncodingKey;
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// A key that signs tokens by one algorithm. Wiped when dropped, and never shown.
pub struct SigningKey {
    key: EncodingKey,
    verifying: VerifyingKey,
}

/// No key was made.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotGenerated {
    /// HS256 has no keys of its own, only a secret that everybody who verifies has to be given.
    #[error(
        "a shared secret is not made here: `openssl rand -base64 48` makes one, and auth.jwt_secret takes it"
    )]
    Secret,
    /// The library has failed.
    #[error("the key could not be made")]
    Failed,
}

impl SigningKey {
    /// Makes a private key, as PEM (PKCS #8) for a file that only its owner may read: Ed25519, P-256, or RSA of 2,048
    /// bits. The primes of an RSA key come from the library's generator, all else from `entropy`.
    ///
    /// # Errors
    /// [`NotGenerated`].
    pub fn generate_pem(
        algorithm: KeyAlgorithm,
        entropy: &dyn Entropy,
    ) -> Result<Zeroizing<String>, NotGenerated> {
        if algorithm == KeyAlgorithm::Hs256 {
            return Err(NotGenerated::Secret);
        }
        let key = PrivateKey::generate(algorithm, entropy).ok_or(NotGenerated::Failed)?;
        key.to_pem().map_err(|_| NotGenerated::Failed)
    }

    /// A shared secret, for HS256.
    ///
    /// # Errors
    /// [`KeyFault::SecretTooShort`] under [`VerifyingKey::MIN_SECRET_BYTES`].
    pub fn from_secret(secret: &[u8]) -> Result<Self, KeyFault> {
        let verifying = VerifyingKey::from_secret(secret)?;
        Ok(Self { key: EncodingKey::from_secret(secret), verifying })
    }

    /// A private key as PEM: `PRIVATE KEY` (PKCS #8, RFC 5958), `EC PRIVATE KEY` (SEC 1, RFC 5915) or
    /// `RSA PRIVATE KEY` (PKCS #1, RFC 8017). Ed25519 signs by `EdDSA`, P-256 by ES256, RSA by RS256.
    ///
    /// # Errors
    /// [`KeyFault`], if it is something else, encrypted, or too weak.
    pub fn from_pem(pem: &str) -> Result<Self, KeyFault> {
        let private = PrivateKey::from_pem(pem)?;
        let verifying = VerifyingKey::from_public(private.public()?);
        Ok(Self { key: private.encoding_key()?, verifying })
    }

    /// A private key or a shared secret as a JWK (RFC 7517): `kty` OKP with Ed25519, EC with P-256, RSA with all its
    /// numbers (RFC 7518, section 6.3.2), or `oct`. `kid` becomes the key's name.
    ///
    /// # Errors
    /// [`KeyFault`], if it is something else, too weak, not private, or its halves do not belong together.
    pub fn from_jwk(json: &str) -> Result<Self, KeyFault> {
        let jwk = Jwk::parse(json)?;
        let verifying = VerifyingKey::of_either_half(&jwk, "sign")?;
        let key = match jwk.material("sign")? {
            Material::Secret(secret) => EncodingKey::from_secret(&secret),
            Material::Public(public) => PrivateKey::from_jwk(&jwk, &public)?.encoding_key()?,
        };
        Ok(Self { key, verifying })
    }

    /// The other half: what verifies this key's tokens.
    #[must_use]
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    pub(super) const fn encoding_key(&self) -> &EncodingKey {
        &self.key
    }
}

/// Says which key it is, never what.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&self.verifying).finish()
    }
}

#[cfg(test)]
mod tests;
