//! The private half of a key.

use super::algorithm::KeyAlgorithm;
use super::jwk::{Jwk, Secret};
use super::key_error::KeyError;
use super::pem::{self, PrivateDer};
use super::public_key::PublicKey;
use crate::Entropy;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPairComponents, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use zeroize::Zeroizing;

/// A checked private key with its public half.
pub(super) enum PrivateKey {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Rsa(Box<RsaKeyPair>),
}

/// `SEQUENCE { INTEGER 1, OCTET STRING`, 32 bytes, and `[0] { OID prime256v1 } }` (RFC 5915, section 3).
const SEC1_BEFORE: [u8; 7] = [0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20];
const SEC1_AFTER: [u8; 12] = [0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// Object identifiers in a PKCS #8 document: id-ecPublicKey and rsaEncryption.
const EC_OID: [u8; 9] = [0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const RSA_OID: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

impl PrivateKey {
    /// Generates a key; `None` for HS256, which has a shared secret instead of a private key, or if the source of
    /// randomness repeats itself.
    pub(super) fn generate(algorithm: KeyAlgorithm, entropy: &dyn Entropy) -> Option<Self> {
        match algorithm {
            KeyAlgorithm::EdDsa => {
                let mut seed = Zeroizing::new([0; 32]);
                entropy.fill(seed.as_mut_slice());
                Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).ok().map(Self::Ed25519)
            }
            // One number in 2^32 is not a valid key on the curve.
            KeyAlgorithm::Es256 => (0..8).find_map(|_| {
                let mut number = Zeroizing::new([0; 32]);
                entropy.fill(number.as_mut_slice());
                Self::sec1(&p256_der(&number)).ok()
            }),
            // AWS-LC's own generator supplies the primes; it accepts no other source of randomness.
            KeyAlgorithm::Rs256 => RsaKeyPair::generate(KeySize::Rsa2048).ok().map(Self::rsa),
            KeyAlgorithm::Hs256 => None,
        }
    }

    pub(super) fn from_pem(text: &str) -> Result<Self, KeyError> {
        match pem::private_key(text)? {
            PrivateDer::Pkcs8(der) => Self::pkcs8(&der),
            PrivateDer::Sec1(der) => Self::sec1(&der),
            PrivateDer::Pkcs1(der) => {
                RsaKeyPair::from_der(&der).map(Self::rsa).map_err(|_| KeyError::RsaUnsound)
            }
        }
    }

    /// The key of a JWK whose public half is `public`.
    pub(super) fn from_jwk(jwk: &Jwk, public: &PublicKey) -> Result<Self, KeyError> {
        let d = Secret::decode(jwk.d.as_ref()).map_err(|_| KeyError::Public)?;
        match public {
            PublicKey::Ed25519(x) => {
                let seed: &[u8; 32] = d.as_slice().try_into().map_err(|_| KeyError::NoKey)?;
                let pair = Ed25519KeyPair::from_seed_and_public_key(seed, x);
                pair.map(Self::Ed25519).map_err(|_| KeyError::Halves)
            }
            PublicKey::P256 { .. } => {
                let number: &[u8; 32] = d.as_slice().try_into().map_err(|_| KeyError::NoKey)?;
                let key = Self::sec1(&p256_der(number))?;
                if key.public()? == *public { Ok(key) } else { Err(KeyError::Halves) }
            }
            PublicKey::Rsa { n, e } => Self::rsa_of_jwk(jwk, n, e, &d),
        }
    }

    pub(super) fn public(&self) -> Result<PublicKey, KeyError> {
        match self {
            Self::Ed25519(pair) => {
                pair.public_key().as_ref().try_into().map(PublicKey::Ed25519).map_err(|_| KeyError::NoKey)
            }
            Self::P256(pair) => PublicKey::point(pair.public_key().as_ref()),
            Self::Rsa(pair) => {
                let public = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                PublicKey::rsa(&public.n, &public.e)
            }
        }
    }

    /// Encodes the key as PKCS #8 in PEM.
    pub(super) fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        let encoded = |der: &[u8]| pem::encode_private(der);
        match self {
            Self::Ed25519(pair) => pair.to_pkcs8v1().map(|der| encoded(der.as_ref())),
            Self::P256(pair) => pair.to_pkcs8v1().map(|der| encoded(der.as_ref())),
            Self::Rsa(pair) => pair.as_der().map(|der| encoded(der.as_ref())),
        }
        .map_err(|_| KeyError::NoKey)
    }

    /// Signs in the format of a JWS (RFC 7518, sections 3.3 and 3.4; RFC 8037, section 3.1).
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match self {
            Self::Ed25519(pair) => pair.try_sign(message).map(|signature| signature.as_ref().to_vec()),
            Self::P256(pair) => {
                pair.sign(&SystemRandom::new(), message).map(|signature| signature.as_ref().to_vec())
            }
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)?;
                Ok(signature)
            }
        }
    }

    /// The length of a signature in bytes.
    pub(super) fn signature_length(&self) -> usize {
        match self {
            Self::Ed25519(_) | Self::P256(_) => 64,
            Self::Rsa(pair) => pair.public_modulus_len(),
        }
    }

    fn pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let found = Ed25519KeyPair::from_pkcs8(der)
            .map(Self::Ed25519)
            .or_else(|_| EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map(Self::P256))
            .or_else(|_| RsaKeyPair::from_pkcs8(der).map(Self::rsa));
        let mentions = |oid: &[u8]| der.windows(oid.len()).any(|window| window == oid);
        found.map_err(|_| match () {
            () if mentions(&EC_OID) => KeyError::Curve,
            () if mentions(&RSA_OID) => KeyError::RsaUnsound,
            () => KeyError::NoKey,
        })
    }

    fn sec1(der: &[u8]) -> Result<Self, KeyError> {
        EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
            .map(Self::P256)
            .map_err(|_| KeyError::Curve)
    }

    fn rsa(pair: RsaKeyPair) -> Self {
        Self::Rsa(Box::new(pair))
    }

    fn rsa_of_jwk(jwk: &Jwk, n: &[u8], e: &[u8], d: &[u8]) -> Result<Self, KeyError> {
        let pair = RsaKeyPair::from_components(&KeyPairComponents {
            public_key: PublicKeyComponents { n, e },
            d,
            p: Secret::decode(jwk.p.as_ref())?.as_slice(),
            q: Secret::decode(jwk.q.as_ref())?.as_slice(),
            dP: Secret::decode(jwk.dp.as_ref())?.as_slice(),
            dQ: Secret::decode(jwk.dq.as_ref())?.as_slice(),
            qInv: Secret::decode(jwk.qi.as_ref())?.as_slice(),
        });
        pair.map(Self::rsa).map_err(|_| KeyError::Halves)
    }
}

/// The key with this number, in the encoding of RFC 5915; the reader computes the public half.
fn p256_der(number: &[u8; 32]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new([&SEC1_BEFORE[..], number, &SEC1_AFTER].concat())
}
