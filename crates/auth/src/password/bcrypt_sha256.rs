//! bcrypt over a SHA-256 of the password, in passlib's form: for passwords that bcrypt would truncate.
//!
//! <https://passlib.readthedocs.io/en/stable/lib/passlib.hash.bcrypt_sha256.html>

use super::bcrypt::{Bcrypt, BcryptCost, Variant, encode_salt, parse_cost};
use super::scheme::{Scheme, UnsupportedHash};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

const PREFIX: &str = "$bcrypt-sha256$";

/// How bcrypt's key is derived from the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prehash {
    /// Version 1: a plain SHA-256.
    Plain,
    /// Version 2: an HMAC keyed by the salt's text.
    Keyed,
}

pub(super) struct BcryptSha256 {
    prehash: Prehash,
    /// In its text form, which is the HMAC's key.
    salt: String,
    inner: Bcrypt,
}

impl BcryptSha256 {
    pub(super) fn hash(secret: &[u8], cost: BcryptCost, salt: [u8; 16]) -> Self {
        let salt_text = encode_salt(salt);
        let inner = Bcrypt::hash(&key(Prehash::Keyed, &salt_text, secret), cost, salt);
        Self { prehash: Prehash::Keyed, salt: salt_text, inner }
    }

    /// Parses `$bcrypt-sha256$v=2,t=2b,r=12$…$…` and the older `$bcrypt-sha256$2b,12$…$…`.
    pub(super) fn parse(text: &str) -> Result<Self, UnsupportedHash> {
        let malformed = UnsupportedHash::Malformed(Scheme::BcryptSha256);
        let mut parts = text.strip_prefix(PREFIX).ok_or(malformed)?.split('$');
        let (Some(settings), Some(salt), Some(digest), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(malformed);
        };
        let (prehash, variant, cost) = if let Some(cost) = settings.strip_prefix("v=2,t=2b,r=") {
            (Prehash::Keyed, Variant::B, cost)
        } else if let Some(cost) = settings.strip_prefix("2b,") {
            (Prehash::Plain, Variant::B, cost)
        } else if let Some(cost) = settings.strip_prefix("2a,") {
            (Prehash::Plain, Variant::A, cost)
        } else {
            return Err(malformed);
        };
        let cost = parse_cost(cost, Scheme::BcryptSha256)?;
        let inner = Bcrypt::from_parts(variant, cost, salt, digest).ok_or(malformed)?;
        Ok(Self { prehash, salt: salt.to_owned(), inner })
    }

    pub(super) fn verify(&self, secret: &[u8]) -> bool {
        self.inner.verify(&key(self.prehash, &self.salt, secret))
    }

    pub(super) const fn prehash(&self) -> Prehash {
        self.prehash
    }

    pub(super) const fn cost(&self) -> BcryptCost {
        self.inner.cost()
    }

    pub(super) fn to_text(&self) -> String {
        let (cost, digest) = (self.cost().get(), self.inner.digest_text());
        format!("{PREFIX}v=2,t=2b,r={cost}${}${digest}", self.salt)
    }
}

/// The 44 characters that bcrypt hashes instead of the password.
fn key(prehash: Prehash, salt: &str, secret: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut digest = Zeroizing::new([0_u8; 32]);
    match (prehash, Hmac::<Sha256>::new_from_slice(salt.as_bytes())) {
        (Prehash::Keyed, Ok(mut mac)) => {
            mac.update(secret);
            digest.copy_from_slice(&mac.finalize().into_bytes());
        }
        // HMAC accepts keys of any length, so only version 1 gets here.
        (Prehash::Plain, _) | (Prehash::Keyed, Err(_)) => digest.copy_from_slice(&Sha256::digest(secret)),
    }
    Zeroizing::new(STANDARD.encode(digest.as_slice()).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_of_passlib_verify() {
        let long = "tail beyond ".repeat(8);
        for (secret, hash) in [
            (long.as_str(), "$bcrypt-sha256$2b,5$I93SAs0lg60pdXn7s4U5Mu$eNayLGfQwR4bFoCGiojUD5xEGKQqMFy"),
            ("short one", "$bcrypt-sha256$2b,5$N.vVHUz2kAWc4qfxqpr1I.$9iZCRMV9YkYHMJdQ5N6nYDlN0pdkJ6e"),
            (&long, "$bcrypt-sha256$v=2,t=2b,r=5$iO3t3Nbo/nER8Ovmx9slXO$wg9Te0810XIeRAPgXpFkcCafpaFFXZ6"),
        ] {
            let parsed = BcryptSha256::parse(hash).unwrap();
            assert!(parsed.verify(secret.as_bytes()), "{hash}");
            assert!(!parsed.verify(&secret.as_bytes()[1..]), "{hash}");
        }
    }

    #[test]
    fn no_byte_of_a_long_password_is_ignored() {
        let (one, other) = ("x".repeat(200), format!("{}y", "x".repeat(199)));
        let hash = BcryptSha256::hash(one.as_bytes(), BcryptCost::new(4).unwrap(), [3; 16]);
        let parsed = BcryptSha256::parse(&hash.to_text()).unwrap();
        assert!(parsed.verify(one.as_bytes()));
        assert!(!parsed.verify(other.as_bytes()));
        assert_eq!(parsed.to_text(), hash.to_text());
    }

    #[test]
    fn a_damaged_hash_is_rejected() {
        let rest = "$iO3t3Nbo/nER8Ovmx9slXO$wg9Te0810XIeRAPgXpFkcCafpaFFXZ6";
        for settings in ["v=3,t=2b,r=5", "v=2,t=2a,r=5", "v=2,t=2b,r=", "v=2,t=2b,r=3", "2y,5", ""] {
            let text = format!("{PREFIX}{settings}{rest}");
            let rejected = BcryptSha256::parse(&text).err();
            assert_eq!(rejected, Some(UnsupportedHash::Malformed(Scheme::BcryptSha256)), "{text}");
        }
        let costly = BcryptSha256::parse(&format!("{PREFIX}v=2,t=2b,r=20{rest}")).err();
        assert_eq!(costly, Some(UnsupportedHash::TooCostly(Scheme::BcryptSha256)));
    }
}
