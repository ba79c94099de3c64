//! One sealing key.

use super::error::{NotSealed, SealingKeyError};
use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

/// The size of a key, in bytes.
pub(super) const KEY: usize = 32;

/// The size of the name of a key, in bytes.
pub(super) const NAME: usize = 8;

const SALT: &[u8] = b"roster sealing key v1";
const NAMING: &[u8] = b"name";

/// Base64 with or without padding, as people copy it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A key, from which a key for each purpose is derived (HKDF, RFC 5869).
pub(super) struct SealingKey {
    root: Prk,
    /// Says which key sealed a value. It is derived, and does not show the key.
    pub(super) name: [u8; NAME],
}

impl SealingKey {
    /// Parses the key with this number, counted from 1.
    pub(super) fn parse(number: usize, text: &str) -> Result<Self, SealingKeyError> {
        let bytes = Zeroizing::new(BASE64.decode(text).map_err(|_| SealingKeyError::Form(number))?);
        if bytes.len() != KEY {
            return Err(SealingKeyError::Form(number));
        }
        let root = Salt::new(HKDF_SHA256, SALT).extract(&bytes);
        let mut name = [0; NAME];
        derive(&root, NAMING, &mut name).map_err(|NotSealed| SealingKeyError::Form(number))?;
        Ok(Self { root, name })
    }

    /// The key that encrypts for a purpose: AES-256-GCM.
    pub(super) fn cipher(&self, purpose: &str) -> Result<LessSafeKey, NotSealed> {
        let purpose: [&[u8]; 2] = [b"seal ", purpose.as_bytes()];
        let material = self.root.expand(&purpose, &AES_256_GCM);
        material.map(|material| LessSafeKey::new(UnboundKey::from(material))).map_err(|_| NotSealed)
    }
}

/// So many bytes of output.
struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn derive(root: &Prk, purpose: &[u8], into: &mut [u8]) -> Result<(), NotSealed> {
    let purpose = [purpose];
    let material = root.expand(&purpose, Length(into.len())).map_err(|_| NotSealed)?;
    material.fill(into).map_err(|_| NotSealed)
}
