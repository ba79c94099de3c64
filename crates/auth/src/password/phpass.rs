//! phpass, the portable hashes of PHP: `WordPress`, phpBB, Drupal.
//!
//! <https://www.openwall.com/phpass/>

use super::crypt64;
use super::foreign::{ForeignHash, Primitive, Rejected, Work};
use super::slashes::escaped;
use md5::Md5;
use sha2::{Digest, Sha512};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// phpass allows at most 2^30 rounds; more than 2^24 take minutes.
const MAX_LOG_ROUNDS: u32 = 24;
const MIN_LOG_ROUNDS: u32 = 7;
/// Drupal rejects longer passwords.
const MAX_SECRET_BYTES: usize = 512;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    Md5,
    Sha512,
}

pub(super) struct PhpassHash {
    function: Function,
    /// Whether the password is the MD5 of the original one, in hexadecimal: Drupal 7 hashed old hashes so.
    upgraded: bool,
    log_rounds: u32,
    salt: String,
    digest: String,
}

impl PhpassHash {
    /// Parses `$P$B`, `$H$B` and 30 digits, `$S$D` and 51 digits, each also after a `U`.
    pub(super) fn parse(text: &str) -> Result<Self, Rejected> {
        let (upgraded, hash) = text.strip_prefix('U').map_or((false, text), |hash| (true, hash));
        let (id, rest) = hash.split_at_checked(3).ok_or(Rejected::Malformed)?;
        let function = match id {
            "$P$" | "$H$" => Function::Md5,
            "$S$" => Function::Sha512,
            _ => return Err(Rejected::Malformed),
        };
        let (rounds, rest) = rest.split_at_checked(1).ok_or(Rejected::Malformed)?;
        let (salt, digest) = rest.split_at_checked(8).ok_or(Rejected::Malformed)?;
        let log_rounds = crypt64::number(rounds)?;
        if log_rounds > MAX_LOG_ROUNDS {
            return Err(Rejected::TooCostly);
        }
        if log_rounds < MIN_LOG_ROUNDS || !function.has_written(digest) {
            return Err(Rejected::Malformed);
        }
        Ok(Self { function, upgraded, log_rounds, salt: salt.to_owned(), digest: digest.to_owned() })
    }

    fn digits(&self, secret: &[u8]) -> Zeroizing<Vec<u8>> {
        let rounds = 1_u64 << self.log_rounds;
        let salt = self.salt.as_bytes();
        match self.function {
            Function::Md5 => crypt64::encode(&stretched::<Md5>(rounds, salt, secret)),
            Function::Sha512 => crypt64::encode(&stretched::<Sha512>(rounds, salt, secret)),
        }
    }
}

impl ForeignHash for PhpassHash {
    fn verify(&self, secret: &[u8]) -> bool {
        // Drupal hashes what was typed.
        let escaped = if self.function == Function::Md5 { escaped(secret) } else { None };
        self.is_of(secret) || escaped.is_some_and(|secret| self.is_of(&secret))
    }

    fn work(&self) -> Option<Work> {
        let primitive = match self.function {
            Function::Md5 => Primitive::PhpassMd5,
            Function::Sha512 => Primitive::PhpassSha512,
        };
        Some(Work { primitive, units: 1 << self.log_rounds })
    }
}

impl PhpassHash {
    fn is_of(&self, secret: &[u8]) -> bool {
        if secret.len() > MAX_SECRET_BYTES {
            return false;
        }
        let mut computed = if self.upgraded {
            let md5 = Zeroizing::new(<[u8; 16]>::from(Md5::digest(secret)));
            self.digits(Zeroizing::new(hex::encode(*md5)).as_bytes())
        } else {
            self.digits(secret)
        };
        computed.truncate(self.digest.len());
        computed.ct_eq(self.digest.as_bytes()).into()
    }
}

impl Function {
    /// Whether a digest has the form of this function's. Drupal cuts its 86 digits, to 55 characters of the whole hash.
    fn has_written(self, digest: &str) -> bool {
        match self {
            Self::Md5 => crypt64::encodes(digest, 16),
            Self::Sha512 => digest.len() == 43 && crypt64::is_digits(digest),
        }
    }
}

/// H(salt, secret), then `rounds` times H(digest, secret).
pub(super) fn stretched<H: Digest>(rounds: u64, salt: &[u8], secret: &[u8]) -> Zeroizing<Vec<u8>> {
    let hash = |prefix: &[u8]| H::new().chain_update(prefix).chain_update(secret).finalize();
    let mut digest = Zeroizing::new(hash(salt).to_vec());
    for _ in 0..rounds {
        let next = hash(&digest);
        digest.copy_from_slice(&next);
    }
    digest
}
