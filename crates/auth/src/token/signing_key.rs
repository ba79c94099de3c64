//! Keys that sign.

use super::algorithm::KeyAlgorithm;
use super::jwk::{Jwk, Material};
use super::key::VerifyingKey;
use super::key_error::KeyError;
use super::private_key::PrivateKey;
use super::token_type::TokenType;
use crate::Entropy;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// A key that signs tokens with one algorithm. Wiped when dropped, and hidden by `Debug`.
pub struct SigningKey {
    signer: Signer,
    /// The first part of its tokens, by type.
    access_token_header: Box<str>,
    jwt_header: Box<str>,
    verifying: VerifyingKey,
}

/// The private key, parsed once rather than for every token.
enum Signer {
    Shared(Box<hmac::Key>),
    Private(PrivateKey),
}

/// No key was generated.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotGenerated {
    /// HS256 has no private key, only a secret that is shared with every verifier.
    #[error(
        "Roster does not generate shared secrets; create one with `openssl rand -base64 48` and set it as auth.jwt_secret"
    )]
    Secret,
    /// The library failed.
    #[error("the key could not be generated")]
    Failed,
}

impl SigningKey {
    /// Generates a private key as PEM (PKCS #8), for a file that only its owner may read: Ed25519, P-256, or RSA with
    /// 2,048 bits. The primes of an RSA key come from the library's generator, everything else from `entropy`.
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
    /// [`KeyError::SecretTooShort`] under [`VerifyingKey::MIN_SECRET_BYTES`].
    pub fn from_secret(secret: &[u8]) -> Result<Self, KeyError> {
        let verifying = VerifyingKey::from_secret(secret)?;
        Ok(Self::new(Signer::shared(secret), verifying))
    }

    /// A private key as PEM: `PRIVATE KEY` (PKCS #8, RFC 5958), `EC PRIVATE KEY` (SEC 1, RFC 5915) or
    /// `RSA PRIVATE KEY` (PKCS #1, RFC 8017). Ed25519 signs with `EdDSA`, P-256 with ES256, RSA with RS256.
    ///
    /// # Errors
    /// [`KeyError`] if it is something else, encrypted, or too weak.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let private = PrivateKey::from_pem(pem)?;
        let verifying = VerifyingKey::from_public(private.public()?);
        Ok(Self::new(Signer::Private(private), verifying))
    }

    /// A private key or a shared secret as a JWK (RFC 7517): `kty` OKP with Ed25519, EC with P-256, RSA with all its
    /// numbers (RFC 7518, section 6.3.2), or `oct`. `kid` becomes the key's name.
    ///
    /// # Errors
    /// [`KeyError`] if it is something else, too weak, not private, or its halves do not match.
    pub fn from_jwk(json: &str) -> Result<Self, KeyError> {
        let jwk = Jwk::parse(json)?;
        let verifying = VerifyingKey::of_either_half(&jwk, "sign")?;
        let signer = match jwk.material("sign")? {
            Material::Secret(secret) => Signer::shared(&secret),
            Material::Public(public) => Signer::Private(PrivateKey::from_jwk(&jwk, &public)?),
        };
        Ok(Self::new(signer, verifying))
    }

    fn new(signer: Signer, verifying: VerifyingKey) -> Self {
        let access_token_header = header(TokenType::AccessToken, &verifying);
        let jwt_header = header(TokenType::Jwt, &verifying);
        Self { signer, access_token_header, jwt_header, verifying }
    }

    /// The public half, which verifies this key's tokens.
    #[must_use]
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// The token of this type with these claims: a JWS in compact form (RFC 7515, section 3.1).
    pub(super) fn sign(&self, typ: TokenType, claims: &[u8]) -> Result<Zeroizing<String>, Unspecified> {
        let header = match typ {
            TokenType::AccessToken => &self.access_token_header,
            TokenType::Jwt => &self.jwt_header,
        };
        let length = |bytes: usize| bytes.div_ceil(3) * 4 + 1;
        let room = header.len() + length(claims.len()) + length(self.signer.length());
        let mut token = Zeroizing::new(String::with_capacity(room));
        token.push_str(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = self.signer.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// The signature of a text other than a token, in base64url. The text must not parse as the first two parts of a
    /// token.
    pub(super) fn sign_text(&self, text: &str) -> Result<Zeroizing<String>, Unspecified> {
        Ok(Zeroizing::new(URL_SAFE_NO_PAD.encode(self.signer.sign(text.as_bytes())?)))
    }
}

fn header(typ: TokenType, key: &VerifyingKey) -> Box<str> {
    let (typ, algorithm) = (typ.as_str(), key.algorithm().as_str());
    let header = match key.id() {
        Some(kid) => json!({ "typ": typ, "alg": algorithm, "kid": kid.to_string() }),
        None => json!({ "typ": typ, "alg": algorithm }),
    };
    URL_SAFE_NO_PAD.encode(header.to_string()).into()
}

impl Signer {
    fn shared(secret: &[u8]) -> Self {
        Self::Shared(Box::new(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match self {
            Self::Shared(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
            Self::Private(key) => key.sign(message),
        }
    }

    /// The length of a signature in bytes.
    fn length(&self) -> usize {
        match self {
            Self::Shared(_) => 32,
            Self::Private(key) => key.signature_length(),
        }
    }
}

/// Shows the id of the key, and hides the key itself.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SigningKey").field(&self.verifying).finish()
    }
}

#[cfg(test)]
mod tests;
