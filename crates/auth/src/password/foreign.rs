//! What the hashes of other systems have in common.

use std::panic::{RefUnwindSafe, UnwindSafe};

/// A parsed hash of another system.
pub(super) trait ForeignHash: Send + Sync + UnwindSafe + RefUnwindSafe {
    /// Whether `secret` is what was hashed. Digests are compared in constant time.
    fn verify(&self, secret: &[u8]) -> bool;

    /// What a verification of one secret computes. `None` for a fast digest, whose time does not matter.
    fn work(&self) -> Option<Work>;
}

/// Why a parser rejects a text. It never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rejected {
    /// It is not a complete hash of the format.
    Malformed,
    /// Its parameters are over a limit of memory or rounds.
    TooCostly,
}

/// An amount of one computation, such as 600,000 rounds of HMAC-SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Work {
    pub(super) primitive: Primitive,
    pub(super) units: u64,
}

/// A computation that takes time in proportion to its units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Primitive {
    /// Units: key expansions, 2^cost.
    Bcrypt,
    /// Units: KiB × passes.
    Argon2,
    /// Units: N × r × p.
    Scrypt,
    /// Units: iterations.
    Pbkdf2(Prf),
    /// Units: rounds.
    #[cfg(feature = "password-legacy")]
    Md5Crypt,
    /// Units: rounds.
    #[cfg(feature = "password-legacy")]
    Sha256Crypt,
    /// Units: rounds.
    #[cfg(feature = "password-legacy")]
    Sha512Crypt,
    /// Units: N × r.
    #[cfg(feature = "password-legacy")]
    Yescrypt,
    /// Units: rounds of MD5.
    #[cfg(feature = "password-legacy")]
    PhpassMd5,
    /// Units: rounds of SHA-512.
    #[cfg(feature = "password-legacy")]
    PhpassSha512,
}

/// The pseudorandom function of PBKDF2: HMAC with this hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Prf {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    #[cfg(feature = "password-legacy")]
    Md5,
    #[cfg(feature = "password-legacy")]
    Sha512Of256,
    #[cfg(feature = "password-legacy")]
    Sha3Of224,
    #[cfg(feature = "password-legacy")]
    Sha3Of256,
    #[cfg(feature = "password-legacy")]
    Sha3Of384,
    #[cfg(feature = "password-legacy")]
    Sha3Of512,
}

impl Prf {
    /// The function by the name that Python's hashlib gives it.
    pub(super) fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "sha1" => Self::Sha1,
            "sha224" => Self::Sha224,
            "sha256" => Self::Sha256,
            "sha384" => Self::Sha384,
            "sha512" => Self::Sha512,
            #[cfg(feature = "password-legacy")]
            "md5" => Self::Md5,
            #[cfg(feature = "password-legacy")]
            "sha512_256" => Self::Sha512Of256,
            #[cfg(feature = "password-legacy")]
            "sha3_224" => Self::Sha3Of224,
            #[cfg(feature = "password-legacy")]
            "sha3_256" => Self::Sha3Of256,
            #[cfg(feature = "password-legacy")]
            "sha3_384" => Self::Sha3Of384,
            #[cfg(feature = "password-legacy")]
            "sha3_512" => Self::Sha3Of512,
            _ => return None,
        })
    }

    /// The length of a digest in bytes.
    pub(super) const fn digest_len(self) -> usize {
        match self {
            #[cfg(feature = "password-legacy")]
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 => 28,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
            #[cfg(feature = "password-legacy")]
            Self::Sha3Of224 => 28,
            #[cfg(feature = "password-legacy")]
            Self::Sha512Of256 | Self::Sha3Of256 => 32,
            #[cfg(feature = "password-legacy")]
            Self::Sha3Of384 => 48,
            #[cfg(feature = "password-legacy")]
            Self::Sha3Of512 => 64,
        }
    }
}

/// The parts of `text` between separators, if there are exactly `N`.
pub(super) fn fields<const N: usize>(text: &str, separator: char) -> Result<[&str; N], Rejected> {
    let parts: Vec<&str> = text.splitn(N + 1, separator).collect();
    parts.try_into().map_err(|_| Rejected::Malformed)
}

/// A number in plain decimal digits.
pub(super) fn number(text: &str) -> Result<u32, Rejected> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or(Rejected::Malformed)
}

/// The values of `name=value` pairs between commas, in any order: each name at most once, and no other name.
pub(super) fn parameters<'a, const N: usize>(
    text: &'a str,
    names: [&str; N],
) -> Result<[Option<&'a str>; N], Rejected> {
    let mut values = [None; N];
    for pair in text.split(',') {
        let (name, value) = pair.split_once('=').ok_or(Rejected::Malformed)?;
        let index = names.iter().position(|known| *known == name).ok_or(Rejected::Malformed)?;
        let slot = values.get_mut(index).ok_or(Rejected::Malformed)?;
        if slot.replace(value).is_some() {
            return Err(Rejected::Malformed);
        }
    }
    Ok(values)
}
