//! bcrypt in the forms of other systems: over a digest of the password, or in the PHC string format.

use super::bcrypt::{Bcrypt, BcryptCost, Variant, parse_cost};
use super::encoding::unpadded;
use super::foreign::{ForeignHash, Primitive, Rejected, Work, fields};
use super::scheme::{Scheme, UnsupportedHash};
use super::slashes::escaped;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256, Sha384};
use zeroize::Zeroizing;

/// How bcrypt's key is derived from the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prehash {
    /// It is the password.
    None,
    /// The SHA-256 in hexadecimal digits, in lower case.
    HexSha256,
    /// The base64 of an HMAC of the trimmed password, by SHA-384 under the key `wp-sha384`.
    WordPress,
}

pub(super) struct ForeignBcrypt {
    prehash: Prehash,
    inner: Bcrypt,
}

impl ForeignBcrypt {
    /// Parses Django's `bcrypt_sha256$$2b$12$…`.
    pub(super) fn parse_django(text: &str) -> Result<Self, Rejected> {
        Self::parse_prefixed(text, "bcrypt_sha256$", Prehash::HexSha256)
    }

    /// Parses the `$wp$2y$10$…` of `WordPress` 6.8 and later.
    pub(super) fn parse_word_press(text: &str) -> Result<Self, Rejected> {
        Self::parse_prefixed(text, "$wp", Prehash::WordPress)
    }

    /// Parses the `$bcrypt$v=98$r=10$salt$digest` of `AdonisJS`: 98 is the letter `b`, the base64 is the standard one.
    pub(super) fn parse_phc(text: &str) -> Result<Self, Rejected> {
        let [_, _, version, rounds, salt, digest] = fields(text, '$')?;
        let variant = match version {
            "v=97" => Variant::A,
            "v=98" => Variant::B,
            _ => return Err(Rejected::Malformed),
        };
        let rounds = rounds.strip_prefix("r=").ok_or(Rejected::Malformed)?;
        let cost = parse_cost(rounds, Scheme::PhcBcrypt).map_err(rejected)?;
        let array = |_| Rejected::Malformed;
        let salt = unpadded(salt)?.try_into().map_err(array)?;
        let digest = unpadded(digest)?.try_into().map_err(array)?;
        Ok(Self { prehash: Prehash::None, inner: Bcrypt::from_bytes(variant, cost, salt, digest) })
    }

    fn parse_prefixed(text: &str, prefix: &str, prehash: Prehash) -> Result<Self, Rejected> {
        let inner = text.strip_prefix(prefix).ok_or(Rejected::Malformed)?;
        Ok(Self { prehash, inner: Bcrypt::parse(inner).map_err(rejected)? })
    }
}

impl ForeignHash for ForeignBcrypt {
    fn verify(&self, secret: &[u8]) -> bool {
        match self.prehash {
            Prehash::None => self.inner.verify(secret),
            Prehash::HexSha256 => self.inner.verify(&hex_sha256(secret)),
            Prehash::WordPress => {
                let is = |secret: &[u8]| self.inner.verify(&word_press_key(secret));
                is(secret) || escaped(secret).is_some_and(|secret| is(&secret))
            }
        }
    }

    fn work(&self) -> Option<Work> {
        Some(work(self.inner.cost()))
    }
}

/// What bcrypt computes at a cost.
pub(super) const fn work(cost: BcryptCost) -> Work {
    Work { primitive: Primitive::Bcrypt, units: 1 << cost.get() }
}

const fn rejected(reason: UnsupportedHash) -> Rejected {
    match reason {
        UnsupportedHash::TooCostly(_) => Rejected::TooCostly,
        _ => Rejected::Malformed,
    }
}

fn hex_sha256(secret: &[u8]) -> Zeroizing<Vec<u8>> {
    let digest = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(secret)));
    Zeroizing::new(hex::encode(digest.as_slice()).into_bytes())
}

fn word_press_key(secret: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut digest = Zeroizing::new([0_u8; 48]);
    // HMAC accepts keys of any length.
    if let Ok(mac) = Hmac::<Sha384>::new_from_slice(b"wp-sha384") {
        digest.copy_from_slice(&mac.chain_update(trimmed(secret)).finalize().into_bytes());
    }
    Zeroizing::new(STANDARD.encode(digest.as_slice()).into_bytes())
}

/// What PHP's `trim` leaves.
fn trimmed(secret: &[u8]) -> &[u8] {
    let is_kept = |byte: &u8| !b" \n\r\t\x0b\0".contains(byte);
    let start = secret.iter().position(is_kept).unwrap_or(secret.len());
    let end = secret.iter().rposition(is_kept).map_or(start, |last| last + 1);
    &secret[start..end]
}
