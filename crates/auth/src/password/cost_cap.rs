//! The limit on what a hash may cost, by measured time.

use super::bcrypt::{Bcrypt, BcryptCost};
use super::bcrypt_foreign::work;
use super::foreign::{Primitive, Work};
use super::scheme::Scheme;
use super::scrypt::Costs;
use super::stored::StoredHash;
use super::thread_time::thread_time;
use super::{pbkdf2, scrypt};
use ::argon2::{Algorithm, Argon2, Params, Version};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::Duration;
use thiserror::Error;

/// Refuses hashes that take more than [`CostCap::FACTOR`] times as long as one at the configured cost.
///
/// Each computation, such as PBKDF2 with SHA-256, is measured once on this machine with some milliseconds of work, in
/// processor time, when the first hash needs it. What a hash takes is that time in proportion to its parameters.
pub struct CostCap {
    cost: BcryptCost,
    samples: Mutex<HashMap<Primitive, Sample>>,
}

/// A hash takes longer than a login may.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "{scheme} that takes {estimate:.1?} here; at most {limit:.1?} is accepted, {} times a bcrypt hash at cost {}",
    CostCap::FACTOR, cost.get()
)]
#[non_exhaustive]
pub struct TooSlow {
    /// The format.
    pub scheme: Scheme,
    /// The time that a verification takes on this machine.
    pub estimate: Duration,
    /// The maximum time.
    pub limit: Duration,
    /// The cost that the limit is derived from.
    pub cost: BcryptCost,
}

/// The time of an amount of work.
#[derive(Clone, Copy)]
struct Sample {
    units: u64,
    took: Duration,
}

impl CostCap {
    /// The maximum cost of a hash, as a multiple of one at the configured cost.
    pub const FACTOR: u32 = 10;

    /// A cap for hashes at `cost`. A cost below [`BcryptCost::DEFAULT`] counts as that one: otherwise a cap derived from a
    /// cheap cost would refuse what current systems write by default, such as Django's PBKDF2.
    #[must_use]
    pub fn new(cost: BcryptCost) -> Self {
        Self { cost: cost.max(BcryptCost::DEFAULT), samples: Mutex::default() }
    }

    /// Checks the time that `hash` takes. The first check of each computation takes some milliseconds.
    ///
    /// # Errors
    /// [`TooSlow`], with the figures.
    pub fn check(&self, hash: &StoredHash) -> Result<(), TooSlow> {
        let Some(work) = hash.work() else { return Ok(()) };
        let (estimate, limit) = (self.estimate(work), self.limit());
        if estimate > limit {
            return Err(TooSlow { scheme: hash.scheme(), estimate, limit, cost: self.cost });
        }
        Ok(())
    }

    /// The maximum time of a verification.
    #[must_use]
    pub fn limit(&self) -> Duration {
        self.estimate(work(self.cost)).saturating_mul(Self::FACTOR)
    }

    fn estimate(&self, work: Work) -> Duration {
        let mut samples = self.samples.lock();
        let sample = *samples.entry(work.primitive).or_insert_with(|| measure(work.primitive));
        drop(samples);
        let nanos =
            sample.took.as_nanos().saturating_mul(work.units.into()) / u128::from(sample.units.max(1));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

/// The median of three runs.
fn measure(primitive: Primitive) -> Sample {
    let mut units = 1;
    let mut times = [Duration::ZERO; 3];
    for time in &mut times {
        let before = thread_time();
        units = std::hint::black_box(run_sample(primitive));
        *time = thread_time().saturating_sub(before);
    }
    times.sort_unstable();
    Sample { units, took: times[1] }
}

/// Does some milliseconds of work; returns how much. Where memory counts, it is more than the caches hold.
fn run_sample(primitive: Primitive) -> u64 {
    const SECRET: &[u8] = b"calibration-0123";
    const SALT: &[u8] = b"0123456789abcdef";
    let mut out = [0; 32];
    let units = match primitive {
        Primitive::Bcrypt => {
            let cost = BcryptCost::new(6).unwrap_or_default();
            std::hint::black_box(Bcrypt::hash(SECRET, cost, [0; 16]).to_text());
            1 << cost.get()
        }
        Primitive::Argon2 => {
            let (kib, params) = (32_768, Params::new(32_768, 1, 1, Some(32)));
            let argon2 = params.map(|params| Argon2::new(Algorithm::default(), Version::default(), params));
            let _ = argon2.and_then(|argon2| argon2.hash_password_into(SECRET, SALT, &mut out));
            kib
        }
        Primitive::Scrypt => Costs { n: 32_768, r: 8, p: 1 }.params().map_or(0, |params| {
            scrypt::derive(&params, SECRET, SALT, &mut out);
            scrypt::units(&params)
        }),
        Primitive::Pbkdf2(prf) => {
            pbkdf2::derive(prf, SECRET, SALT, 5000, &mut out[..prf.digest_len().min(32)]);
            5000
        }
        #[cfg(feature = "password-legacy")]
        other => legacy::run_sample(other, SECRET, SALT, &mut out),
    };
    std::hint::black_box(out);
    units
}

#[cfg(feature = "password-legacy")]
mod legacy {
    use super::Primitive;
    use crate::password::{crypt, phpass};
    use md5::Md5;
    use sha2::Sha512;
    use std::hint::black_box;

    pub(super) fn run_sample(primitive: Primitive, secret: &[u8], salt: &[u8], out: &mut [u8; 32]) -> u64 {
        let rounds = sha_crypt::Params::RECOMMENDED;
        match primitive {
            Primitive::Md5Crypt => {
                black_box(crypt::md5_crypt(b"$1$", &salt[..8], secret));
                1000
            }
            Primitive::Sha256Crypt => {
                black_box(sha_crypt::sha256_crypt(secret, salt, rounds));
                5000
            }
            Primitive::Sha512Crypt => {
                black_box(sha_crypt::sha512_crypt(secret, salt, rounds));
                5000
            }
            Primitive::Yescrypt => {
                let params =
                    yescrypt::Params::new(yescrypt::Mode::default(), 4096, 32, 1).unwrap_or_default();
                let _ = yescrypt::yescrypt(secret, salt, &params, out);
                params.n() * u64::from(params.r())
            }
            Primitive::PhpassMd5 => {
                black_box(phpass::stretched::<Md5>(8192, salt, secret));
                8192
            }
            Primitive::PhpassSha512 => {
                black_box(phpass::stretched::<Sha512>(8192, salt, secret));
                8192
            }
            Primitive::Bcrypt | Primitive::Argon2 | Primitive::Scrypt | Primitive::Pbkdf2(_) => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cost: u32, hash: &str) -> Result<(), TooSlow> {
        CostCap::new(BcryptCost::new(cost).unwrap()).check(&StoredHash::parse(hash).unwrap())
    }

    fn bcrypt(cost: u32) -> String {
        format!("$2b${cost:02}$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC")
    }

    #[test]
    fn a_hash_that_takes_over_ten_times_the_configured_one_is_refused() {
        assert_eq!(check(12, &bcrypt(15)), Ok(()));
        let refused = check(12, &bcrypt(16)).unwrap_err();
        assert_eq!((refused.scheme, refused.cost.get()), (Scheme::Bcrypt, 12));
        assert!(refused.estimate > refused.limit && refused.limit > Duration::ZERO);
        assert_eq!(check(13, &bcrypt(16)), Ok(()));
    }

    #[test]
    fn a_cost_below_the_default_counts_as_the_default() {
        assert_eq!(check(4, &bcrypt(15)), Ok(()));
        assert!(check(4, &bcrypt(16)).is_err());
    }

    #[test]
    fn the_refusal_tells_the_figures() {
        let salt_and_digest = format!("kZLSGgPgPEcIgfAew7j33g${}", "A".repeat(86));
        let refused = CostCap::new(BcryptCost::DEFAULT);
        // Five million iterations of SHA-512 take seconds, a thousand about a millisecond.
        let stored =
            |rounds| StoredHash::parse(&format!("$pbkdf2-sha512${rounds}${salt_and_digest}")).unwrap();
        assert_eq!(refused.check(&stored(1000)), Ok(()));
        let text = refused.check(&stored(5_000_000)).unwrap_err().to_string();
        assert!(text.starts_with("passlib pbkdf2 that takes ") && text.contains("s here; at most"), "{text}");
        assert!(text.ends_with("10 times a bcrypt hash at cost 12"), "{text}");
    }
}
