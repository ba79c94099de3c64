//! The hashes that Roster itself writes.

use super::bcrypt::{BCRYPT_MAX_BYTES, Bcrypt, BcryptCost};
use super::bcrypt_sha256::BcryptSha256;
use super::{Password, StoredHash};
use crate::Entropy;
use roster_domain::{PasswordHash, PasswordHashError};

/// Hashes a password for storage: plain `$2b$` up to 72 bytes, so that any bcrypt verifies it, and passlib's
/// `$bcrypt-sha256$v=2` beyond, so that nothing is truncated. A password with NUL also gets the second form, because
/// C implementations of bcrypt would stop at the NUL.
///
/// Takes as long as the cost implies: call it on a [`HashPool`](super::HashPool).
///
/// # Errors
/// None in practice: [`PasswordHash`] accepts both forms.
pub fn hash_password(
    password: &Password,
    cost: BcryptCost,
    entropy: &dyn Entropy,
) -> Result<PasswordHash, PasswordHashError> {
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    let secret = password.as_bytes();
    PasswordHash::new(if fits_plain(secret) {
        Bcrypt::hash(secret, cost, salt).to_text()
    } else {
        BcryptSha256::hash(secret, cost, salt).to_text()
    })
}

/// Whether `hash`, which `password` matched, differs from what [`hash_password`] would write now: another scheme,
/// form or cost, or a hash of the password in another normalisation.
///
/// Computes no hash, except for a password that was not typed in NFC.
#[must_use]
pub fn needs_rehash(hash: &StoredHash, cost: BcryptCost, password: &Password) -> bool {
    let secret = password.as_bytes();
    let current = if fits_plain(secret) { hash.plain_cost() } else { hash.prehashed_cost() };
    current != Some(cost) || (password.as_typed().is_some() && !hash.verify_bytes(secret))
}

/// Does the work of one verification for each spelling of `password` at `cost`, for a login that can only fail.
pub(super) fn hash_for_equal_timing(password: &Password, cost: BcryptCost) {
    for secret in std::iter::once(password.as_bytes()).chain(password.as_typed()) {
        let wasted = if fits_plain(secret) {
            Bcrypt::hash(secret, cost, [0; 16]).to_text()
        } else {
            BcryptSha256::hash(secret, cost, [0; 16]).to_text()
        };
        std::hint::black_box(wasted);
    }
}

fn fits_plain(secret: &[u8]) -> bool {
    secret.len() <= BCRYPT_MAX_BYTES && !secret.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::password::Scheme;

    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    fn password(text: &str) -> Password {
        Password::new(text.into())
    }

    fn hash(text: &str, cost: u32) -> StoredHash {
        let hash = hash_password(&password(text), BcryptCost::new(cost).unwrap(), &Sevens).unwrap();
        StoredHash::parse(hash.as_str()).unwrap()
    }

    #[test]
    fn up_to_72_bytes_are_plain_bcrypt_and_more_are_not() {
        for (text, scheme) in [
            ("x".repeat(72), Scheme::Bcrypt),
            ("x".repeat(73), Scheme::BcryptSha256),
            ("x".repeat(1024), Scheme::BcryptSha256),
            ("nul\0inside".to_owned(), Scheme::BcryptSha256),
        ] {
            let hash = hash(&text, 4);
            assert_eq!(hash.scheme(), scheme);
            assert!(hash.verify(&password(&text)));
            assert!(!hash.verify(&password(&text[..text.len() - 1])));
        }
    }

    #[test]
    fn a_current_hash_is_kept_and_any_other_is_replaced() {
        let cost = BcryptCost::new(5).unwrap();
        assert!(!needs_rehash(&hash("short", 5), cost, &password("short")));
        assert!(needs_rehash(&hash("short", 4), cost, &password("short")));
        let long = "x".repeat(80);
        assert!(!needs_rehash(&hash(&long, 5), cost, &password(&long)));
        let plain = "$2b$05$YTUT1WQ5.lwoeqOy1CKLNOm8LAc4GlFSWm4knJrRctIRo2R4hTYKC";
        assert!(needs_rehash(&StoredHash::parse(plain).unwrap(), cost, &password(&long)));
        let older = "$2y$05$CCCCCCCCCCCCCCCCCCCCC.JNCAbxalX5hAjI3TxvcLazuVBJHJc3u";
        assert!(needs_rehash(&StoredHash::parse(older).unwrap(), cost, &password("£10 naïve ÿ")));
    }

    #[test]
    fn a_hash_of_another_normalisation_verifies_and_is_replaced() {
        let typed = "cafe\u{301} au lait";
        let cost = BcryptCost::new(4).unwrap();
        let elsewhere = Bcrypt::hash(typed.as_bytes(), cost, [1; 16]).to_text();
        let elsewhere = StoredHash::parse(&elsewhere).unwrap();
        assert!(elsewhere.verify(&password(typed)));
        assert!(!elsewhere.verify(&password("café au lait")));
        assert!(needs_rehash(&elsewhere, cost, &password(typed)));
        assert!(!needs_rehash(&hash(typed, 4), cost, &password(typed)));
        assert!(hash(typed, 4).verify(&password("café au lait")));
    }
}
