//! PBKDF2 (RFC 8018, section 5.2).

use super::foreign::{ForeignHash, Prf, Primitive, Rejected, Work, number};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The maximum number of iterations: a few seconds.
const MAX_ITERATIONS: u32 = 5_000_000;
const MAX_SALT_BYTES: usize = 256;
/// Shorter digests are too easy to hit by chance.
const MIN_DIGEST_BYTES: usize = 16;

pub(super) struct Pbkdf2Hash {
    prf: Prf,
    iterations: u32,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

impl Pbkdf2Hash {
    /// Checks the parts of a hash. Of a digest that is longer than the hash function's, only the first block is kept:
    /// the blocks are computed separately from the same password, so the others add work but no certainty.
    pub(super) fn new(
        prf: Prf,
        iterations: &str,
        salt: Vec<u8>,
        mut digest: Vec<u8>,
    ) -> Result<Self, Rejected> {
        let iterations = number(iterations)?;
        if iterations > MAX_ITERATIONS {
            return Err(Rejected::TooCostly);
        }
        if iterations == 0 || salt.len() > MAX_SALT_BYTES || digest.len() < MIN_DIGEST_BYTES {
            return Err(Rejected::Malformed);
        }
        digest.truncate(prf.digest_len());
        Ok(Self { prf, iterations, salt, digest })
    }

    /// Like [`Self::new`], for formats that always store the whole digest.
    pub(super) fn whole(
        prf: Prf,
        iterations: &str,
        salt: Vec<u8>,
        digest: Vec<u8>,
    ) -> Result<Self, Rejected> {
        if digest.len() != prf.digest_len() {
            return Err(Rejected::Malformed);
        }
        Self::new(prf, iterations, salt, digest)
    }
}

impl ForeignHash for Pbkdf2Hash {
    fn verify(&self, secret: &[u8]) -> bool {
        let mut computed = Zeroizing::new(vec![0; self.digest.len()]);
        derive(self.prf, secret, &self.salt, self.iterations, &mut computed);
        computed.ct_eq(&self.digest).into()
    }

    fn work(&self) -> Option<Work> {
        Some(Work { primitive: Primitive::Pbkdf2(self.prf), units: self.iterations.into() })
    }
}

/// Fills `out`, which is at most as long as the digest.
pub(super) fn derive(prf: Prf, secret: &[u8], salt: &[u8], rounds: u32, out: &mut [u8]) {
    match prf {
        Prf::Sha1 => ::pbkdf2::pbkdf2_hmac::<Sha1>(secret, salt, rounds, out),
        Prf::Sha224 => ::pbkdf2::pbkdf2_hmac::<Sha224>(secret, salt, rounds, out),
        Prf::Sha256 => ::pbkdf2::pbkdf2_hmac::<Sha256>(secret, salt, rounds, out),
        Prf::Sha384 => ::pbkdf2::pbkdf2_hmac::<Sha384>(secret, salt, rounds, out),
        Prf::Sha512 => ::pbkdf2::pbkdf2_hmac::<Sha512>(secret, salt, rounds, out),
        #[cfg(feature = "password-legacy")]
        Prf::Md5 => ::pbkdf2::pbkdf2_hmac::<md5::Md5>(secret, salt, rounds, out),
        #[cfg(feature = "password-legacy")]
        Prf::Sha512Of256 => ::pbkdf2::pbkdf2_hmac::<sha2::Sha512_256>(secret, salt, rounds, out),
        #[cfg(feature = "password-legacy")]
        Prf::Sha3Of224 => derive_simple::<sha3::Sha3_224>(secret, salt, rounds, out),
        #[cfg(feature = "password-legacy")]
        Prf::Sha3Of256 => derive_simple::<sha3::Sha3_256>(secret, salt, rounds, out),
        #[cfg(feature = "password-legacy")]
        Prf::Sha3Of384 => derive_simple::<sha3::Sha3_384>(secret, salt, rounds, out),
        #[cfg(feature = "password-legacy")]
        Prf::Sha3Of512 => derive_simple::<sha3::Sha3_512>(secret, salt, rounds, out),
    }
}

/// Like [`::pbkdf2::pbkdf2_hmac`], for hashes whose HMAC has no shortcut.
#[cfg(feature = "password-legacy")]
fn derive_simple<H>(secret: &[u8], salt: &[u8], rounds: u32, out: &mut [u8])
where
    H: sha2::Digest + sha3::digest::block_api::BlockSizeUser + Clone,
{
    if ::pbkdf2::pbkdf2::<hmac::SimpleHmac<H>>(secret, salt, rounds, out).is_err() {
        // HMAC accepts keys of any length. Zeros equal no digest that was made.
        out.fill(0);
    }
}
