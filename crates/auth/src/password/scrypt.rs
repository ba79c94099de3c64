//! scrypt (RFC 7914).

use super::foreign::{ForeignHash, Primitive, Rejected, Work};
use ::scrypt::Params;
use subtle::ConstantTimeEq as _;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// The maximum memory of a verification, in bytes: 128·N·r.
const MAX_MEMORY_BYTES: u64 = 256 * 1024 * 1024;
/// The maximum work of a verification, in bytes: 128·N·r·p.
const MAX_WORK_BYTES: u64 = 1024 * 1024 * 1024;
const MAX_SALT_BYTES: usize = 256;

pub(super) struct ScryptHash {
    params: Params,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

/// The costs of scrypt. N is a power of two.
#[derive(Clone, Copy)]
pub(super) struct Costs {
    pub(super) n: u64,
    pub(super) r: u32,
    pub(super) p: u32,
}

/// A hash over the password in Unicode normalisation form NFKC, with one of several costs.
pub(super) struct NfkcScrypt(pub(super) Vec<ScryptHash>);

impl Costs {
    /// Checks the costs against the limits of memory and work.
    pub(super) fn params(self) -> Result<Params, Rejected> {
        let Self { n, r, p } = self;
        if !n.is_power_of_two() || n < 2 || r == 0 || p == 0 {
            return Err(Rejected::Malformed);
        }
        let memory = 128_u64.saturating_mul(n).saturating_mul(r.into());
        if memory > MAX_MEMORY_BYTES || memory.saturating_mul(p.into()) > MAX_WORK_BYTES {
            return Err(Rejected::TooCostly);
        }
        let log_n = u8::try_from(n.trailing_zeros()).map_err(|_| Rejected::Malformed)?;
        Params::new(log_n, r, p).map_err(|_| Rejected::Malformed)
    }
}

impl ScryptHash {
    /// Checks the parts of a hash; `digest_len` is the length that the format always has.
    pub(super) fn new(
        costs: Costs,
        salt: Vec<u8>,
        digest: Vec<u8>,
        digest_len: usize,
    ) -> Result<Self, Rejected> {
        if salt.len() > MAX_SALT_BYTES || digest.len() != digest_len {
            return Err(Rejected::Malformed);
        }
        Ok(Self { params: costs.params()?, salt, digest })
    }
}

impl ForeignHash for ScryptHash {
    fn verify(&self, secret: &[u8]) -> bool {
        let mut computed = Zeroizing::new(vec![0; self.digest.len()]);
        derive(&self.params, secret, &self.salt, &mut computed) && computed.ct_eq(&self.digest).into()
    }

    fn work(&self) -> Option<Work> {
        Some(Work { primitive: Primitive::Scrypt, units: units(&self.params) })
    }
}

impl ForeignHash for NfkcScrypt {
    fn verify(&self, secret: &[u8]) -> bool {
        let nfkc = nfkc(secret);
        // Without a shortcut, so that the time does not tell which costs were right.
        self.0.iter().fold(false, |right, hash| hash.verify(&nfkc) | right)
    }

    fn work(&self) -> Option<Work> {
        let units = self.0.iter().map(|hash| units(&hash.params)).fold(0, u64::saturating_add);
        Some(Work { primitive: Primitive::Scrypt, units })
    }
}

/// Fills `out`; returns whether that was possible.
pub(super) fn derive(params: &Params, secret: &[u8], salt: &[u8], out: &mut [u8]) -> bool {
    ::scrypt::scrypt(secret, salt, params, out).is_ok()
}

/// N × r × p.
pub(super) fn units(params: &Params) -> u64 {
    params.n().saturating_mul(params.r().into()).saturating_mul(params.p().into())
}

/// A text in normalisation form NFKC; other bytes as they are.
pub(super) fn nfkc(secret: &[u8]) -> Zeroizing<Vec<u8>> {
    let Ok(text) = std::str::from_utf8(secret) else { return Zeroizing::new(secret.to_vec()) };
    // One code point has at most 33 bytes in NFKC, 11 times what it had: with that capacity the text never moves.
    let mut normalized = Zeroizing::new(Vec::with_capacity(text.len().saturating_mul(11)));
    for char in text.nfkc() {
        normalized.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
    }
    normalized
}
