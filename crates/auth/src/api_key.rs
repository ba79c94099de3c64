//! API keys in the form in which clients send them: `rk_<prefix>_<secret>`.
//!
//! The prefix is public and identifies the key; the secret has 256 bits. Both consist of letters and digits, so a
//! double click selects the whole key and `_` is unambiguous. The last six characters are a checksum over everything
//! before them, as in the tokens of code hosts: a scanner that finds a key in a repository, and a server that
//! receives a mistyped one, can tell without a look-up.

use crate::Entropy;
use roster_domain::{ApiKeyDigest, ApiKeyPrefix};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The beginning of every API key.
pub const API_KEY_START: &str = "rk_";

const ALPHABET: &[u8; 62] = ApiKeyPrefix::ALPHABET;
/// 43 of 62 letters hold 256 bits.
const SECRET_LEN: usize = 43;
const CHECKSUM_LEN: usize = 6;
const PREFIX_AT: usize = API_KEY_START.len();
const SECRET_AT: usize = PREFIX_AT + ApiKeyPrefix::LEN + 1;
const CHECKSUM_AT: usize = SECRET_AT + SECRET_LEN;

/// A new API key in plain text, shown once to its creator. `Debug` hides it, and it is wiped when dropped.
pub struct NewApiKey {
    text: Zeroizing<String>,
    prefix: ApiKeyPrefix,
}

/// An API key as a client sent it: well-formed, but not verified.
#[derive(Clone, Copy)]
pub struct ShownApiKey<'a> {
    text: &'a str,
    prefix: ApiKeyPrefix,
}

impl NewApiKey {
    /// The length of every key in characters.
    pub const LEN: usize = CHECKSUM_AT + CHECKSUM_LEN;

    /// Generates a key.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        // It never grows beyond its capacity, so no copy stays behind.
        let mut text = Zeroizing::new(String::with_capacity(Self::LEN));
        let mut random = [0; ApiKeyPrefix::LEN];
        entropy.fill(&mut random);
        let prefix = ApiKeyPrefix::from_random(random);
        text.push_str(API_KEY_START);
        text.push_str(prefix.as_str());
        text.push('_');
        push_random(&mut text, SECRET_LEN, entropy);
        let checksum = checksum(&text);
        text.extend(checksum.map(char::from));
        Self { text, prefix }
    }

    /// The whole key, to be given to its owner only.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The public part.
    #[must_use]
    pub const fn prefix(&self) -> ApiKeyPrefix {
        self.prefix
    }

    /// The digest to store.
    #[must_use]
    pub fn digest(&self) -> ApiKeyDigest {
        digest(&self.text)
    }
}

impl<'a> ShownApiKey<'a> {
    /// Parses a key. `None` for other texts and mistyped keys. Does not allocate.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        if text.len() != NewApiKey::LEN || !text.is_ascii() || !text.starts_with(API_KEY_START) {
            return None;
        }
        let (covered, sum) = text.split_at(CHECKSUM_AT);
        let secret = &covered[SECRET_AT..];
        let separated = covered.as_bytes()[SECRET_AT - 1] == b'_';
        if !separated
            || !secret.bytes().all(|byte| byte.is_ascii_alphanumeric())
            || sum.as_bytes() != checksum(covered)
        {
            return None;
        }
        let prefix = ApiKeyPrefix::new(&covered[PREFIX_AT..SECRET_AT - 1]).ok()?;
        Some(Self { text, prefix })
    }

    /// The prefix, which identifies the key.
    #[must_use]
    pub const fn prefix(&self) -> &ApiKeyPrefix {
        &self.prefix
    }

    /// Whether it is the key with this digest. Takes the same time for any other key.
    #[must_use]
    pub fn is(&self, stored: &ApiKeyDigest) -> bool {
        digest(self.text).as_bytes().ct_eq(stored.as_bytes()).into()
    }
}

fn digest(text: &str) -> ApiKeyDigest {
    ApiKeyDigest::from(<[u8; 32]>::from(Sha256::digest(text)))
}

/// Appends uniformly distributed letters of the alphabet.
fn push_random(text: &mut String, count: usize, entropy: &dyn Entropy) {
    // The largest multiple of 62 that fits in a byte: larger values would favour the first letters.
    const FAIR: u8 = 248;
    let mut bytes = Zeroizing::new([0; 64]);
    let mut left = count;
    while left > 0 {
        entropy.fill(&mut *bytes);
        let fair = bytes.iter().filter(|byte| **byte < FAIR).take(left);
        for byte in fair {
            text.push(char::from(ALPHABET[usize::from(byte % 62)]));
            left -= 1;
        }
    }
}

/// The CRC-32 (IEEE 802.3) in six letters of the alphabet.
fn checksum(covered: &str) -> [u8; CHECKSUM_LEN] {
    let mut left = crc32fast::hash(covered.as_bytes());
    let mut letters = [0; CHECKSUM_LEN];
    for letter in letters.iter_mut().rev() {
        *letter = ALPHABET[(left % 62) as usize];
        left /= 62;
    }
    letters
}

impl fmt::Debug for NewApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewApiKey(rk_{}_…)", self.prefix)
    }
}

impl fmt::Debug for ShownApiKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShownApiKey(rk_{}_…)", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemEntropy;

    #[test]
    fn a_key_can_be_parsed_and_verified_by_its_digest() {
        let (key, other) = (NewApiKey::generate(&SystemEntropy), NewApiKey::generate(&SystemEntropy));
        assert_eq!(key.as_str().len(), NewApiKey::LEN);
        assert_eq!(key.as_str().matches('_').count(), 2);
        let shown = ShownApiKey::parse(key.as_str()).unwrap();
        assert_eq!(*shown.prefix(), key.prefix());
        assert!(shown.is(&key.digest()));
        assert!(!shown.is(&other.digest()));
    }

    #[test]
    fn every_typo_is_noticed() {
        let key = NewApiKey::generate(&SystemEntropy);
        let key = key.as_str();
        for at in 0..key.len() {
            let mut bytes = key.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
            let text = String::from_utf8(bytes).unwrap();
            assert!(ShownApiKey::parse(&text).is_none(), "character {at} changed");
            assert!(ShownApiKey::parse(&key[..at]).is_none(), "cut at {at}");
        }
        for text in [format!("{key}="), format!(" {key}"), key.to_uppercase(), key.replace('_', "-")] {
            assert!(ShownApiKey::parse(&text).is_none(), "{text}");
        }
        assert!(ShownApiKey::parse(&"é".repeat(NewApiKey::LEN / 2)).is_none());
    }

    #[test]
    fn debug_hides_the_secret() {
        let key = NewApiKey::generate(&SystemEntropy);
        let shown = ShownApiKey::parse(key.as_str()).unwrap();
        for text in [format!("{key:?}"), format!("{shown:?}")] {
            assert!(text.contains(key.prefix().as_str()));
            assert!(!text.contains(&key.as_str()[SECRET_AT..]), "{text}");
        }
    }
}
