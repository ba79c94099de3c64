//! Firebase Authentication's modified scrypt.
//!
//! Firebase derives a key from the password by scrypt, and encrypts the project's signer key under it with AES-256 in
//! counter mode. What it exports is the encrypted key. A hash in Roster has the key stream instead, which is the
//! exclusive or of the exported text and the signer key: it verifies the same, and the signer key need not be kept.

use super::encoding::{lenient, unpadded};
use super::foreign::{ForeignHash, Primitive, Rejected, Work, fields, number, parameters};
use super::scrypt::{Costs, derive, units};
use ::scrypt::Params;
use aes::Aes256;
use aes::cipher::{KeyIvInit as _, StreamCipher as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ctr::Ctr128BE;
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

pub(super) const PREFIX: &str = "$firebase-scrypt$";

/// The parameters of a project, from its page "Password hash parameters". Wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct FirebaseProject {
    signer_key: Vec<u8>,
    salt_separator: Vec<u8>,
    rounds: u32,
    mem_cost: u32,
}

/// Why parameters are not those of a project, or a text is not a hash of it.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum FirebaseError {
    /// The signer key or the salt separator is not base64, or the key does not have 32 to 128 bytes.
    #[error("base64_signer_key and base64_salt_separator must be base64, the key of 32 to 128 bytes")]
    Key,
    /// The costs are zero or over the limit.
    #[error("rounds must be 1 to 32 and mem_cost 1 to 18")]
    Costs,
    /// The hash or its salt is not base64, or the hash is not as long as the signer key.
    #[error("malformed Firebase scrypt")]
    Hash,
}

pub(super) struct FirebaseHash {
    params: Params,
    salt: Vec<u8>,
    key_stream: Vec<u8>,
}

impl FirebaseProject {
    /// Checks the four parameters: `base64_signer_key`, `base64_salt_separator`, `rounds` and `mem_cost`.
    ///
    /// # Errors
    /// [`FirebaseError::Key`] or [`FirebaseError::Costs`].
    pub fn new(
        signer_key: &str,
        salt_separator: &str,
        rounds: u32,
        mem_cost: u32,
    ) -> Result<Self, FirebaseError> {
        let signer_key = url_safe(signer_key).filter(|key| (32..=128).contains(&key.len()));
        let (Some(signer_key), Some(salt_separator)) = (signer_key, url_safe(salt_separator)) else {
            return Err(FirebaseError::Key);
        };
        if !(1..=32).contains(&rounds) || !(1..=18).contains(&mem_cost) {
            return Err(FirebaseError::Costs);
        }
        Ok(Self { signer_key, salt_separator, rounds, mem_cost })
    }

    /// The text form of the hash of a user, from the fields `passwordHash` and `salt` of an export.
    ///
    /// # Errors
    /// [`FirebaseError::Hash`].
    pub fn hash(&self, password_hash: &str, salt: &str) -> Result<String, FirebaseError> {
        let hash = url_safe(password_hash).filter(|hash| hash.len() == self.signer_key.len());
        let (Some(hash), Some(mut salt)) = (hash, url_safe(salt)) else { return Err(FirebaseError::Hash) };
        salt.extend_from_slice(&self.salt_separator);
        let key_stream: Vec<u8> = hash.iter().zip(&self.signer_key).map(|(one, other)| one ^ other).collect();
        let (salt, key_stream) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(key_stream));
        Ok(format!("{PREFIX}ln={},r={}${salt}${key_stream}", self.mem_cost, self.rounds))
    }
}

impl FirebaseHash {
    /// Parses what [`FirebaseProject::hash`] writes.
    pub(super) fn parse(text: &str) -> Result<Self, Rejected> {
        let [_, _, costs, salt, key_stream] = fields(text, '$')?;
        let [Some(log_n), Some(r)] = parameters(costs, ["ln", "r"])? else {
            return Err(Rejected::Malformed);
        };
        let n = 1_u64.checked_shl(number(log_n)?).ok_or(Rejected::TooCostly)?;
        let (salt, key_stream) = (unpadded(salt)?, unpadded(key_stream)?);
        if !(32..=128).contains(&key_stream.len()) {
            return Err(Rejected::Malformed);
        }
        Ok(Self { params: Costs { n, r: number(r)?, p: 1 }.params()?, salt, key_stream })
    }
}

impl ForeignHash for FirebaseHash {
    fn verify(&self, secret: &[u8]) -> bool {
        let mut key = Zeroizing::new([0; 32]);
        let mut key_stream = Zeroizing::new(vec![0; self.key_stream.len()]);
        let derived = derive(&self.params, secret, &self.salt, &mut *key);
        Ctr128BE::<Aes256>::new(&(*key).into(), &[0; 16].into()).apply_keystream(&mut key_stream);
        derived && key_stream.ct_eq(&self.key_stream).into()
    }

    fn work(&self) -> Option<Work> {
        Some(Work { primitive: Primitive::Scrypt, units: units(&self.params) })
    }
}

/// Base64 in either alphabet, padded or not: Firebase's tools write both.
fn url_safe(text: &str) -> Option<Vec<u8>> {
    lenient(&text.replace('-', "+").replace('_', "/")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parameters that Firebase's own documentation of its scrypt gives as an example.
    fn project() -> FirebaseProject {
        let signer_key =
            "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";
        FirebaseProject::new(signer_key, "Bw==", 8, 14).unwrap()
    }

    /// Made by the npm package firebase-scrypt 2.2.0.
    const HASH: &str =
        "J8jkiZ60oukT3O8vi0Atw+H9Mgoqoqt6qs2KBHjiT+k3AlwUFwf8QlbHtItsfwEggtwikyppW59dGGRQO00aDg==";

    #[test]
    fn a_hash_of_a_project_verifies_without_its_signer_key() {
        let text = project().hash(HASH, "82mIOJCnwd5oqgWR").unwrap();
        let hash = FirebaseHash::parse(&text).unwrap();
        assert!(hash.verify(b"fb-correct-horse"));
        assert!(!hash.verify(b"fb-correct-hors"));
        assert!(text.starts_with("$firebase-scrypt$ln=14,r=8$"));
    }

    #[test]
    fn damaged_parts_are_rejected() {
        for (hash, salt) in [(&HASH[4..], "82mI"), ("", "82mI"), (HASH, "8"), (HASH, "8!mI")] {
            assert_eq!(project().hash(hash, salt).err(), Some(FirebaseError::Hash), "{hash} {salt}");
        }
        let key = "A".repeat(44);
        let project = |key, separator, rounds, cost| FirebaseProject::new(key, separator, rounds, cost).err();
        assert_eq!(project("AAAA", "Bw==", 8, 14), Some(FirebaseError::Key));
        assert_eq!(project(&key, "B", 8, 14), Some(FirebaseError::Key));
        assert_eq!(project(&key, "Bw==", 0, 14), Some(FirebaseError::Costs));
        assert_eq!(project(&key, "Bw==", 8, 30), Some(FirebaseError::Costs));
    }
}
