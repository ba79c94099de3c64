//! Keys that sign.

use super::jwk::Jwk;
use super::key::VerifyingKey;
use super::key_fault::KeyFault;
use crate::Entropy;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey};
use std::fmt;
use zeroize::Zeroizing;

/// Everything of a PKCS #8 Ed25519 key but the 32 bytes that follow (RFC 8410, section 7).
const ED25519_PREFIX: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// A key that signs tokens by one algorithm. Wiped when dropped, and never shown.
pub struct SigningKey {
    key: EncodingKey,
    verifying: VerifyingKey,
}

/// Makes an Ed25519 private key, as PEM for a file that only its owner may read.
#[must_use]
pub fn generate_ed25519_pem(entropy: &dyn Entropy) -> Zeroizing<String> {
    let mut der = Zeroizing::new([0; 48]);
    let (prefix, seed) = der.split_at_mut(ED25519_PREFIX.len());
    prefix.copy_from_slice(&ED25519_PREFIX);
    entropy.fill(seed);
    let base64 = Zeroizing::new(STANDARD.encode(der.as_slice()));
    Zeroizing::new(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", *base64))
}

impl SigningKey {
    /// A shared secret, for HS256.
    ///
    /// # Errors
    /// [`KeyFault::SecretTooShort`] under [`VerifyingKey::MIN_SECRET_BYTES`].
    pub fn from_secret(secret: &[u8]) -> Result<Self, KeyFault> {
        let verifying = VerifyingKey::from_secret(secret)?;
        Ok(Self { key: EncodingKey::from_secret(secret), verifying })
    }

    /// A private Ed25519 key, for `EdDSA`, as a PEM `PRIVATE KEY` (PKCS #8, RFC 8410).
    ///
    /// # Errors
    /// [`KeyFault::NoKey`].
    pub fn from_ed25519_pem(pem: &str) -> Result<Self, KeyFault> {
        let key = EncodingKey::from_ed_pem(pem.as_bytes()).map_err(|_| KeyFault::NoKey)?;
        let jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&key, Algorithm::EdDSA);
        let jwk = Jwk::of_library(&jwk.map_err(|_| KeyFault::NoKey)?)?;
        let verifying = VerifyingKey::of_either_half(&jwk, "sign")?;
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
mod tests {
    use super::*;

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            (0..).zip(bytes).for_each(|(number, byte)| *byte = number);
        }
    }

    #[test]
    fn a_generated_key_can_be_read_back() {
        let pem = generate_ed25519_pem(&Counting);
        let key = SigningKey::from_ed25519_pem(&pem).unwrap();
        assert_eq!(key.verifying_key().id().unwrap().as_str().len(), 43);
    }

    #[test]
    fn both_halves_that_openssl_writes_are_one_key() {
        let private = "-----BEGIN PRIVATE KEY-----\n\
                       MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n\
                       -----END PRIVATE KEY-----\n";
        let public = "-----BEGIN PUBLIC KEY-----\n\
                      MCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=\n\
                      -----END PUBLIC KEY-----\n";
        assert_eq!(*generate_ed25519_pem(&Counting), private);
        let signing = SigningKey::from_ed25519_pem(private).unwrap();
        let verifying = VerifyingKey::from_pem(public);
        assert_eq!(signing.verifying_key().id(), verifying.unwrap().id());
    }

    #[test]
    fn what_is_no_ed25519_key_is_refused() {
        for pem in ["", "secret", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            assert_eq!(SigningKey::from_ed25519_pem(pem).err(), Some(KeyFault::NoKey));
        }
    }
}
