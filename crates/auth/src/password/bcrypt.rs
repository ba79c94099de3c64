//! bcrypt, in OpenBSD's form and its variants.

use super::scheme::{Scheme, UnsupportedHash};
use base64::Engine as _;
use base64::alphabet::BCRYPT;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use zeroize::Zeroizing;

/// The number of bytes of a password that bcrypt reads.
pub(super) const BCRYPT_MAX_BYTES: usize = 72;

/// Writes zero padding bits and accepts any, like the C implementations.
const ALPHABET: GeneralPurpose = GeneralPurpose::new(
    &BCRYPT,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::RequireNone),
);

/// The work factor of bcrypt: each increment doubles the time. 12 takes about a quarter of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BcryptCost(u32);

/// The cost is not between [`BcryptCost::MIN`] and [`BcryptCost::MAX`].
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a bcrypt cost must be {min} to {max}, not {0}", min = BcryptCost::MIN, max = BcryptCost::MAX)]
pub struct CostOutOfRange(pub u32);

/// The variant of a hash. `2a`, `2b` and `2y` agree on every password without NUL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variant {
    A,
    B,
    /// `crypt_blowfish` before 1.1, which treated bytes over 127 as negative numbers (CVE-2011-2483).
    X,
    Y,
}

/// A parsed bcrypt hash.
pub(super) struct Bcrypt {
    variant: Variant,
    cost: BcryptCost,
    salt: [u8; 16],
    digest: [u8; 23],
}

impl BcryptCost {
    /// The minimum cost: for tests.
    pub const MIN: u32 = 4;
    /// The maximum cost, also for hashes of other systems: about four seconds.
    pub const MAX: u32 = 16;
    /// Below this, passwords are too cheap to guess (OWASP Password Storage Cheat Sheet).
    pub const ADVISED_MIN: u32 = 10;
    /// The default cost of new hashes.
    pub const DEFAULT: Self = Self(12);

    /// Checks a cost.
    ///
    /// # Errors
    /// [`CostOutOfRange`] outside [`Self::MIN`] to [`Self::MAX`].
    pub const fn new(cost: u32) -> Result<Self, CostOutOfRange> {
        if cost < Self::MIN || cost > Self::MAX {
            return Err(CostOutOfRange(cost));
        }
        Ok(Self(cost))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Default for BcryptCost {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TryFrom<u32> for BcryptCost {
    type Error = CostOutOfRange;
    fn try_from(cost: u32) -> Result<Self, Self::Error> {
        Self::new(cost)
    }
}

impl Variant {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "2a" => Some(Self::A),
            "2b" => Some(Self::B),
            "2x" => Some(Self::X),
            "2y" => Some(Self::Y),
            _ => None,
        }
    }
}

impl Bcrypt {
    /// Hashes at most [`BCRYPT_MAX_BYTES`] bytes of `secret`.
    pub(super) fn hash(secret: &[u8], cost: BcryptCost, salt: [u8; 16]) -> Self {
        Self { variant: Variant::B, cost, salt, digest: digest(Variant::B, secret, cost, salt) }
    }

    /// Parses `$2b$12$` and 53 characters.
    pub(super) fn parse(text: &str) -> Result<Self, UnsupportedHash> {
        let malformed = UnsupportedHash::Malformed(Scheme::Bcrypt);
        let mut parts = text.strip_prefix('$').ok_or(malformed)?.splitn(3, '$');
        let (Some(variant), Some(cost), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(malformed);
        };
        let variant = Variant::parse(variant).ok_or(malformed)?;
        if cost.len() != 2 {
            return Err(malformed);
        }
        let cost = parse_cost(cost, Scheme::Bcrypt)?;
        let (salt, digest) = rest.split_at_checked(22).ok_or(malformed)?;
        Self::from_parts(variant, cost, salt, digest).ok_or(malformed)
    }

    /// Builds a hash from its text parts; `None` if one is not bcrypt's base64 of the right length.
    pub(super) fn from_parts(variant: Variant, cost: BcryptCost, salt: &str, digest: &str) -> Option<Self> {
        Some(Self { variant, cost, salt: decode(salt)?, digest: decode(digest)? })
    }

    pub(super) const fn from_bytes(
        variant: Variant,
        cost: BcryptCost,
        salt: [u8; 16],
        digest: [u8; 23],
    ) -> Self {
        Self { variant, cost, salt, digest }
    }

    /// Whether `secret` is what was hashed. Takes equally long for right and wrong secrets.
    pub(super) fn verify(&self, secret: &[u8]) -> bool {
        let same = digest(self.variant, secret, self.cost, self.salt).ct_eq(&self.digest);
        // bcrypt repeats a key together with its NUL, so "a" and "a\0a" have the same hash. No C program can have
        // hashed the second, so it is always wrong.
        bool::from(same) && !secret.contains(&0)
    }

    pub(super) const fn variant(&self) -> Variant {
        self.variant
    }

    pub(super) const fn cost(&self) -> BcryptCost {
        self.cost
    }

    pub(super) fn salt_text(&self) -> String {
        encode_salt(self.salt)
    }

    pub(super) fn digest_text(&self) -> String {
        ALPHABET.encode(self.digest)
    }

    /// The `$2b$` form, which every current implementation accepts.
    pub(super) fn to_text(&self) -> String {
        format!("$2b${:02}${}{}", self.cost.0, self.salt_text(), self.digest_text())
    }
}

/// The 22 characters of a salt.
pub(super) fn encode_salt(salt: [u8; 16]) -> String {
    ALPHABET.encode(salt)
}

/// Parses a cost, and distinguishes one that is too high from one that is malformed.
pub(super) fn parse_cost(text: &str, scheme: Scheme) -> Result<BcryptCost, UnsupportedHash> {
    let digits = !text.is_empty() && text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(cost) if digits && cost > BcryptCost::MAX => Err(UnsupportedHash::TooCostly(scheme)),
        Ok(cost) if digits => BcryptCost::new(cost).map_err(|_| UnsupportedHash::Malformed(scheme)),
        _ => Err(UnsupportedHash::Malformed(scheme)),
    }
}

fn digest(variant: Variant, secret: &[u8], cost: BcryptCost, salt: [u8; 16]) -> [u8; 23] {
    // The key is the secret and its NUL, cut at 72 bytes.
    let mut key = Zeroizing::new([0; BCRYPT_MAX_BYTES]);
    let read = secret.len().min(BCRYPT_MAX_BYTES);
    key[..read].copy_from_slice(&secret[..read]);
    let key_len = (read + 1).min(BCRYPT_MAX_BYTES);
    let long = match variant {
        Variant::X => ::bcrypt::bcrypt(cost.0, salt, &*sign_extended(&key[..key_len])),
        Variant::A | Variant::B | Variant::Y => ::bcrypt::bcrypt(cost.0, salt, &key[..key_len]),
    };
    let mut digest = [0; 23];
    digest.copy_from_slice(&long[..23]);
    digest
}

/// The 18 words that the faulty variant derives from a key, as the 72 bytes from which a correct bcrypt derives the
/// same words.
fn sign_extended(key: &[u8]) -> Zeroizing<[u8; BCRYPT_MAX_BYTES]> {
    let mut bytes = key.iter().cycle();
    let mut words = Zeroizing::new([0; BCRYPT_MAX_BYTES]);
    for word in words.chunks_exact_mut(4) {
        let value = bytes
            .by_ref()
            .take(4)
            .fold(0_u32, |word, byte| (word << 8) | i32::from(byte.cast_signed()).cast_unsigned());
        word.copy_from_slice(&value.to_be_bytes());
    }
    words
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    ALPHABET.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verifies(secret: &str, hash: &str) -> bool {
        Bcrypt::parse(hash).unwrap().verify(secret.as_bytes())
    }

    #[test]
    fn every_variant_verifies_what_crypt_3_wrote() {
        for hash in [
            "$2x$05$CCCCCCCCCCCCCCCCCCCCC.2iNferD8bGIaPInU2BX3fS0fOsBuHJ.",
            "$2y$05$CCCCCCCCCCCCCCCCCCCCC.JNCAbxalX5hAjI3TxvcLazuVBJHJc3u",
            "$2b$05$CCCCCCCCCCCCCCCCCCCCC.JNCAbxalX5hAjI3TxvcLazuVBJHJc3u",
            "$2a$05$CCCCCCCCCCCCCCCCCCCCC.JNCAbxalX5hAjI3TxvcLazuVBJHJc3u",
        ] {
            assert!(verifies("£10 naïve ÿ", hash), "{hash}");
            assert!(!verifies("£10 naive ÿ", hash), "{hash}");
        }
        assert!(verifies("aé", "$2x$05$CCCCCCCCCCCCCCCCCCCCC.CYI50D909vQXuyD.TfIrtXZ3oHbGHCi"));
    }

    #[test]
    fn only_the_first_72_bytes_are_read() {
        let hash = "$2b$05$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC";
        assert!(verifies(&"x".repeat(80), hash));
        assert!(verifies(&"x".repeat(72), hash));
        assert!(!verifies(&"x".repeat(71), hash));
    }

    #[test]
    fn a_password_that_repeats_another_after_a_nul_is_wrong() {
        let hash = Bcrypt::hash(b"abc", BcryptCost::new(4).unwrap(), [7; 16]);
        assert!(hash.verify(b"abc"));
        assert!(!hash.verify(b"abc\0abc"));
    }

    #[test]
    fn a_hash_survives_its_text() {
        let hash = Bcrypt::hash(b"secret", BcryptCost::new(4).unwrap(), [9; 16]);
        let text = hash.to_text();
        assert_eq!(text.len(), 60);
        assert!(Bcrypt::parse(&text).unwrap().verify(b"secret"));
        assert_eq!(Bcrypt::parse(&text).unwrap().to_text(), text);
    }

    #[test]
    fn damaged_and_too_costly_hashes_are_distinguished() {
        let malformed = Some(UnsupportedHash::Malformed(Scheme::Bcrypt));
        let rest = "CCCCCCCCCCCCCCCCCCCCC.JNCAbxalX5hAjI3TxvcLazuVBJHJc3u";
        for text in [
            "$2b$05$".to_owned(),
            format!("$2b$5${rest}"),
            format!("$2b$+5${rest}"),
            format!("$2b$03${rest}"),
            format!("$2c$05${rest}"),
            format!("$2b$05${rest}x"),
            format!("$2b$05$é{rest}"),
        ] {
            assert_eq!(Bcrypt::parse(&text).err(), malformed, "{text}");
        }
        let costly = Bcrypt::parse(&format!("$2b$17${rest}")).err();
        assert_eq!(costly, Some(UnsupportedHash::TooCostly(Scheme::Bcrypt)));
    }
}
