//! The formats of `crypt(3)` beside bcrypt: MD5, SHA-256, SHA-512, yescrypt and scrypt.

use super::crypt64;
use super::foreign::{ForeignHash, Primitive, Rejected, Work, fields, number};
use super::scrypt::{Costs, derive, units};
use ::scrypt::Params as ScryptParams;
use md5::{Digest as _, Md5};
use sha_crypt::{PasswordVerifier as _, ShaCrypt};
use subtle::ConstantTimeEq as _;
use yescrypt::Yescrypt;
use zeroize::Zeroizing;

/// The maximum number of rounds of SHA-crypt: a few seconds.
const MAX_ROUNDS: u32 = 5_000_000;
/// The maximum memory of yescrypt, in bytes: 128·N·r.
const MAX_MEMORY_BYTES: u64 = 256 * 1024 * 1024;
/// libxcrypt rejects longer passwords.
const MAX_SECRET_BYTES: usize = 512;
const MD5_ROUNDS: u32 = 1000;

/// `$1$salt$digest`, and Apache's `$apr1$salt$digest`.
pub(super) struct Md5Crypt {
    magic: &'static str,
    salt: String,
    digest: String,
}

/// `$5$rounds=5000$salt$digest` and `$6$…`, as its text.
pub(super) struct ShaCryptHash {
    text: String,
    primitive: Primitive,
    rounds: u32,
}

/// `$y$j9T$salt$digest`, as its text.
pub(super) struct YescryptHash {
    text: String,
    units: u64,
}

/// `$7$CU..../....salt$digest`.
pub(super) struct ScryptCrypt {
    params: ScryptParams,
    salt: String,
    digest: String,
}

impl Md5Crypt {
    pub(super) fn parse(text: &str) -> Result<Self, Rejected> {
        let [_, id, salt, digest] = fields(text, '$')?;
        let magic = match id {
            "1" => "$1$",
            "apr1" => "$apr1$",
            _ => return Err(Rejected::Malformed),
        };
        if salt.len() > 8 || !crypt64::encodes(digest, 16) {
            return Err(Rejected::Malformed);
        }
        Ok(Self { magic, salt: salt.to_owned(), digest: digest.to_owned() })
    }
}

impl ForeignHash for Md5Crypt {
    fn verify(&self, secret: &[u8]) -> bool {
        if secret.len() > MAX_SECRET_BYTES {
            return false;
        }
        let computed = md5_crypt(self.magic.as_bytes(), self.salt.as_bytes(), secret);
        computed.ct_eq(self.digest.as_bytes()).into()
    }

    fn work(&self) -> Option<Work> {
        Some(Work { primitive: Primitive::Md5Crypt, units: MD5_ROUNDS.into() })
    }
}

impl ShaCryptHash {
    pub(super) fn parse(text: &str) -> Result<Self, Rejected> {
        let mut parts = text.split('$').skip(1).peekable();
        let (primitive, digest_len) = match parts.next() {
            Some("5") => (Primitive::Sha256Crypt, 32),
            Some("6") => (Primitive::Sha512Crypt, 64),
            _ => return Err(Rejected::Malformed),
        };
        let rounds = match parts.next_if(|part| part.starts_with("rounds=")) {
            Some(part) => number(part.trim_start_matches("rounds="))?,
            None => 5000,
        };
        let (Some(salt), Some(digest), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(Rejected::Malformed);
        };
        if rounds > MAX_ROUNDS {
            return Err(Rejected::TooCostly);
        }
        if rounds < 1000 || salt.len() > 16 || !crypt64::encodes(digest, digest_len) {
            return Err(Rejected::Malformed);
        }
        Ok(Self { text: text.to_owned(), primitive, rounds })
    }
}

impl ForeignHash for ShaCryptHash {
    fn verify(&self, secret: &[u8]) -> bool {
        secret.len() <= MAX_SECRET_BYTES
            && ShaCrypt::default().verify_password(secret, self.text.as_str()).is_ok()
    }

    fn work(&self) -> Option<Work> {
        Some(Work { primitive: self.primitive, units: self.rounds.into() })
    }
}

impl YescryptHash {
    /// Accepts the parameters that `crypt_gensalt` writes: N and r, no parallelism and no extra time.
    pub(super) fn parse(text: &str) -> Result<Self, Rejected> {
        let [_, _, params, salt, digest] = fields(text, '$')?;
        if params.len() != 3
            || !crypt64::is_digits(salt)
            || !crypt64::encodes(digest, 32)
            || !(6..=86).contains(&salt.len())
        {
            return Err(Rejected::Malformed);
        }
        let params: yescrypt::Params = params.parse().map_err(|_| Rejected::Malformed)?;
        let units = params.n().saturating_mul(params.r().into());
        if units.saturating_mul(128) > MAX_MEMORY_BYTES {
            return Err(Rejected::TooCostly);
        }
        Ok(Self { text: text.to_owned(), units })
    }
}

impl ForeignHash for YescryptHash {
    fn verify(&self, secret: &[u8]) -> bool {
        secret.len() <= MAX_SECRET_BYTES
            && Yescrypt::default().verify_password(secret, self.text.as_str()).is_ok()
    }

    fn work(&self) -> Option<Work> {
        Some(Work { primitive: Primitive::Yescrypt, units: self.units })
    }
}

impl ScryptCrypt {
    pub(super) fn parse(text: &str) -> Result<Self, Rejected> {
        let [_, _, settings, digest] = fields(text, '$')?;
        let (log_n, rest) = settings.split_at_checked(1).ok_or(Rejected::Malformed)?;
        let (r, rest) = rest.split_at_checked(5).ok_or(Rejected::Malformed)?;
        let (p, salt) = rest.split_at_checked(5).ok_or(Rejected::Malformed)?;
        let n = 1_u64 << crypt64::number(log_n)?;
        let costs = Costs { n, r: crypt64::number(r)?, p: crypt64::number(p)? };
        if !crypt64::encodes(digest, 32) {
            return Err(Rejected::Malformed);
        }
        Ok(Self { params: costs.params()?, salt: salt.to_owned(), digest: digest.to_owned() })
    }
}

impl ForeignHash for ScryptCrypt {
    fn verify(&self, secret: &[u8]) -> bool {
        let mut computed = Zeroizing::new([0; 32]);
        derive(&self.params, secret, self.salt.as_bytes(), &mut *computed)
            && crypt64::encode(&*computed).ct_eq(self.digest.as_bytes()).into()
    }

    fn work(&self) -> Option<Work> {
        Some(Work { primitive: Primitive::Scrypt, units: units(&self.params) })
    }
}

/// The 22 digits of an MD5-crypt hash (Poul-Henning Kamp, `FreeBSD` 2.0).
pub(super) fn md5_crypt(magic: &[u8], salt: &[u8], secret: &[u8]) -> Zeroizing<Vec<u8>> {
    let alternate = md5(&[secret, salt, secret]);
    let mut context = Md5::new();
    context.update(secret);
    context.update(magic);
    context.update(salt);
    for start in (0..secret.len()).step_by(16) {
        context.update(&alternate[..(secret.len() - start).min(16)]);
    }
    let mut bits = secret.len();
    while bits > 0 {
        context.update(if bits & 1 == 1 { &[0] } else { &secret[..1] });
        bits >>= 1;
    }
    let mut digest = Zeroizing::new(<[u8; 16]>::from(context.finalize()));
    for round in 0..MD5_ROUNDS {
        let odd = round & 1 == 1;
        let digest_now = digest.clone();
        let first: &[u8] = if odd { secret } else { &*digest_now };
        let second = if round.is_multiple_of(3) { &[] } else { salt };
        let third = if round.is_multiple_of(7) { &[] } else { secret };
        let last: &[u8] = if odd { &*digest_now } else { secret };
        digest = md5(&[first, second, third, last]);
    }
    let order = [12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11];
    crypt64::encode(&*Zeroizing::new(order.map(|index: usize| digest[index])))
}

fn md5(parts: &[&[u8]]) -> Zeroizing<[u8; 16]> {
    let mut context = Md5::new();
    for part in parts {
        context.update(part);
    }
    Zeroizing::new(context.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_over_the_limit_are_rejected() {
        let digest = "A".repeat(43);
        let sha = |rounds: u32| ShaCryptHash::parse(&format!("$5$rounds={rounds}$salt${digest}")).err();
        assert_eq!(sha(5_000_001), Some(Rejected::TooCostly));
        assert_eq!(sha(999), Some(Rejected::Malformed));
        assert_eq!(sha(5000), None);
        // N = 2^24, r = 32: 64 GiB.
        let yescrypt = YescryptHash::parse(&format!("$y$jLT$saltsalt${digest}")).err();
        assert_eq!(yescrypt, Some(Rejected::TooCostly));
        let scrypt = ScryptCrypt::parse(&format!("$7$JU..../....salt${digest}")).err();
        assert_eq!(scrypt, Some(Rejected::TooCostly));
    }

    #[test]
    fn parameters_of_yescrypt_that_crypt_gensalt_does_not_write_are_rejected() {
        let digest = "A".repeat(43);
        // The fourth digit says that p or t follows, which may take any time.
        for params in ["j9T1", "j9T/.", "j9", "", "j9T0zzzzz"] {
            let rejected = YescryptHash::parse(&format!("$y${params}$saltsalt${digest}")).err();
            assert_eq!(rejected, Some(Rejected::Malformed), "{params}");
        }
    }
}
