//! The public half of a key.

use super::algorithm::KeyAlgorithm;
use super::key_error::KeyError;
use super::limits::{MAX_RSA_BITS, MIN_RSA_BITS};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ParsedPublicKey};
use jsonwebtoken::DecodingKey;

/// A checked public key in its canonical form.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum PublicKey {
    Ed25519([u8; 32]),
    P256 { x: [u8; 32], y: [u8; 32] },
    Rsa { n: Box<[u8]>, e: Box<[u8]> },
}

impl PublicKey {
    pub(super) fn p256(x: [u8; 32], y: [u8; 32]) -> Result<Self, KeyError> {
        let point = [&[0x04][..], &x, &y].concat();
        ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map_err(|_| KeyError::Curve)?;
        Ok(Self::P256 { x, y })
    }

    /// An uncompressed point (SEC 1, section 2.3.3).
    #[cfg(feature = "issue")]
    pub(super) fn point(bytes: &[u8]) -> Result<Self, KeyError> {
        let (tag, numbers) = bytes.split_first_chunk::<1>().ok_or(KeyError::Curve)?;
        match numbers.as_chunks() {
            ([x, y], []) if tag == &[0x04] => Self::p256(*x, *y),
            _ => Err(KeyError::Curve),
        }
    }

    /// Big-endian numbers, with or without leading zeros.
    pub(super) fn rsa(n: &[u8], e: &[u8]) -> Result<Self, KeyError> {
        let (n, e) = (without_leading_zeros(n), without_leading_zeros(e));
        let bits = n.first().map_or(0, |first| n.len() * 8 - first.leading_zeros() as usize);
        if !(MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) {
            return Err(KeyError::RsaSize { bits });
        }
        let odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
        if !odd(n) || !odd(e) || e == [1] || e.len() > 4 {
            return Err(KeyError::RsaUnsound);
        }
        Ok(Self::Rsa { n: n.into(), e: e.into() })
    }

    pub(super) const fn algorithm(&self) -> KeyAlgorithm {
        match self {
            Self::Ed25519(_) => KeyAlgorithm::EdDsa,
            Self::P256 { .. } => KeyAlgorithm::Es256,
            Self::Rsa { .. } => KeyAlgorithm::Rs256,
        }
    }

    pub(super) fn decoding_key(&self) -> DecodingKey {
        match self {
            Self::Ed25519(x) => DecodingKey::from_ed_der(x),
            Self::P256 { x, y } => DecodingKey::from_ec_der(&[&[0x04][..], x, y].concat()),
            Self::Rsa { n, e } => DecodingKey::from_rsa_raw_components(n, e),
        }
    }
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}
