//! Keys as JSON (RFC 7517, RFC 7518, section 6, and RFC 8037).

use super::algorithm::KeyAlgorithm;
use super::key_error::KeyError;
use super::public_key::PublicKey;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// A JSON Web Key as it is written. The fields are in the order in which RFC 7638 hashes them; unknown ones are
/// ignored, as RFC 7517, section 4, requires.
#[derive(Clone, Default, Deserialize, Serialize)]
pub(super) struct Jwk {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) crv: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) e: Option<String>,
    #[serde(default, skip_serializing)]
    pub(super) k: Option<Secret>,
    pub(super) kty: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) n: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) x: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) y: Option<String>,
    // The thumbprint covers the fields above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) kid: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) alg: Option<String>,
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub(super) usage: Option<String>,
    #[serde(default, skip_serializing)]
    pub(super) key_ops: Option<Vec<String>>,
    // The private half, which is read and never written.
    #[serde(default, skip_serializing)]
    pub(super) d: Option<Secret>,
    #[cfg(feature = "issue")]
    #[serde(default, skip_serializing)]
    pub(super) p: Option<Secret>,
    #[cfg(feature = "issue")]
    #[serde(default, skip_serializing)]
    pub(super) q: Option<Secret>,
    #[cfg(feature = "issue")]
    #[serde(default, skip_serializing)]
    pub(super) dp: Option<Secret>,
    #[cfg(feature = "issue")]
    #[serde(default, skip_serializing)]
    pub(super) dq: Option<Secret>,
    #[cfg(feature = "issue")]
    #[serde(default, skip_serializing)]
    pub(super) qi: Option<Secret>,
}

/// A secret field: wiped when dropped, never written.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub(super) struct Secret(Zeroizing<String>);

impl Secret {
    pub(super) fn decode(secret: Option<&Self>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        decode(secret.map(|secret| secret.0.as_str())).map(Zeroizing::new)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

/// The key material in a JWK.
pub(super) enum Material {
    Secret(Zeroizing<Vec<u8>>),
    Public(PublicKey),
}

impl Material {
    fn algorithm(&self) -> KeyAlgorithm {
        match self {
            Self::Secret(_) => KeyAlgorithm::Hs256,
            Self::Public(key) => key.algorithm(),
        }
    }
}

impl Jwk {
    fn of_type(kty: &str) -> Self {
        Self { kty: kty.to_owned(), ..Self::default() }
    }

    /// The members that RFC 7638, section 3.2, and RFC 8037, section 2, require, and no others.
    pub(super) fn of_public(key: &PublicKey) -> Self {
        let encoded = |bytes: &[u8]| Some(URL_SAFE_NO_PAD.encode(bytes));
        match key {
            PublicKey::Ed25519(x) => {
                Self { crv: Some("Ed25519".into()), x: encoded(x), ..Self::of_type("OKP") }
            }
            PublicKey::P256 { x, y } => {
                Self { crv: Some("P-256".into()), x: encoded(x), y: encoded(y), ..Self::of_type("EC") }
            }
            PublicKey::Rsa { n, e } => Self { n: encoded(n), e: encoded(e), ..Self::of_type("RSA") },
        }
    }

    pub(super) fn parse(json: &str) -> Result<Self, KeyError> {
        serde_json::from_str(json).map_err(|_| KeyError::NoKey)
    }

    /// Converts a JWK of jsonwebtoken.
    pub(super) fn of_library(jwk: &jsonwebtoken::jwk::Jwk) -> Result<Self, KeyError> {
        serde_json::to_value(jwk).and_then(serde_json::from_value).map_err(|_| KeyError::NoKey)
    }

    /// The key material, if the JWK may be used for `operation` with a supported algorithm.
    pub(super) fn material(&self, operation: &str) -> Result<Material, KeyError> {
        let other_use = self.usage.as_deref().is_some_and(|usage| usage != "sig");
        let other_operation =
            self.key_ops.as_ref().is_some_and(|allowed| !allowed.iter().any(|name| name == operation));
        if other_use || other_operation {
            return Err(KeyError::OtherUse);
        }
        let material = self.read()?;
        match self.alg.as_deref() {
            Some(alg) if alg != material.algorithm().as_str() => Err(KeyError::OtherUse),
            _ => Ok(material),
        }
    }

    pub(super) const fn is_private(&self) -> bool {
        self.d.is_some()
    }

    fn read(&self) -> Result<Material, KeyError> {
        let public = match (self.kty.as_str(), self.crv.as_deref()) {
            ("oct", _) => return Ok(Material::Secret(Secret::decode(self.k.as_ref())?)),
            ("OKP", Some("Ed25519")) => PublicKey::Ed25519(decode_exactly(self.x.as_deref())?),
            ("EC", Some("P-256")) => {
                PublicKey::p256(decode_exactly(self.x.as_deref())?, decode_exactly(self.y.as_deref())?)?
            }
            ("OKP" | "EC", Some(_)) => return Err(KeyError::Curve),
            ("RSA", _) => PublicKey::rsa(&decode(self.n.as_deref())?, &decode(self.e.as_deref())?)?,
            _ => return Err(KeyError::NoKey),
        };
        Ok(Material::Public(public))
    }
}

/// The SHA-256 thumbprint of RFC 7638.
pub(super) fn thumbprint(public: &PublicKey) -> [u8; 32] {
    // Serde writes the fields in the order of the struct.
    Sha256::digest(serde_json::to_vec(&Jwk::of_public(public)).unwrap_or_default()).into()
}

fn decode(text: Option<&str>) -> Result<Vec<u8>, KeyError> {
    URL_SAFE_NO_PAD.decode(text.ok_or(KeyError::NoKey)?).map_err(|_| KeyError::NoKey)
}

fn decode_exactly<const N: usize>(text: Option<&str>) -> Result<[u8; N], KeyError> {
    decode(text)?.try_into().map_err(|_| KeyError::NoKey)
}

/// Hides everything secret.
impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk").field("kty", &self.kty).field("kid", &self.kid).finish_non_exhaustive()
    }
}
