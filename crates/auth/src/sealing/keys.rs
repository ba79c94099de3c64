//! A list of sealing keys.

use super::error::{NotOpened, NotSealed, SealingKeyError};
use super::key::{KEY, NAME, SealingKey};
use crate::Entropy;
use aws_lc_rs::aead::{Aad, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use zeroize::Zeroizing;

/// The version of the form below.
const VERSION: u8 = 1;
const NONCE: usize = 12;
const HEAD: usize = 1 + NAME + NONCE;

/// Sealing keys: the first one seals, and all of them open.
///
/// A sealed value is its version, the name of the key, a random nonce, and the ciphertext with its tag (AES-256-GCM). It
/// opens only for the purpose and under the name that it was sealed for, so it is of no use in another place.
pub struct SealingKeys(Vec<SealingKey>);

/// A value that was opened.
pub struct Opened {
    /// The value.
    pub plain: Zeroizing<Vec<u8>>,
    /// Whether the first key has sealed it.
    pub is_current: bool,
}

impl SealingKeys {
    /// Parses keys, each 32 bytes in base64, separated by spaces, line ends or commas.
    ///
    /// # Errors
    /// [`SealingKeyError`].
    pub fn parse(text: &str) -> Result<Self, SealingKeyError> {
        let words = text.split([',', ' ', '\t', '\r', '\n']).filter(|word| !word.is_empty());
        let keys = words.zip(1..).map(|(word, number)| SealingKey::parse(number, word));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err(SealingKeyError::None) } else { Ok(Self(keys)) }
    }

    /// Generates the text of a key.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Zeroizing<String> {
        let mut key = Zeroizing::new([0; KEY]);
        entropy.fill(&mut *key);
        Zeroizing::new(STANDARD.encode(key.as_slice()))
    }

    /// The same keys, and then those of `more`.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// Seals `plain` with the first key. Two values with the same purpose and name can take each other's place.
    ///
    /// # Errors
    /// [`NotSealed`], never in practice.
    pub fn seal(
        &self,
        purpose: &str,
        name: &str,
        plain: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, NotSealed> {
        let key = self.0.first().ok_or(NotSealed)?;
        let mut nonce = [0; NONCE];
        entropy.fill(&mut nonce);
        let mut text = Zeroizing::new(plain.to_vec());
        let cipher = key.cipher(purpose)?;
        let sealed = cipher.seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(name.as_bytes()),
            &mut text,
        );
        let tag = sealed.map_err(|_| NotSealed)?;
        let mut sealed = vec![VERSION];
        sealed.extend_from_slice(&key.name);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&text);
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Opens what [`seal`](Self::seal) sealed for the same purpose and name.
    ///
    /// # Errors
    /// [`NotOpened`].
    pub fn open(&self, purpose: &str, name: &str, sealed: &[u8]) -> Result<Opened, NotOpened> {
        let (head, text) = sealed.split_at_checked(HEAD).ok_or(NotOpened::Damaged)?;
        let ([VERSION, rest @ ..], text) = (head, text) else { return Err(NotOpened::Damaged) };
        let (key_name, nonce) = rest.split_at(NAME);
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| NotOpened::Damaged)?;
        let found = self.0.iter().position(|key| key.name == key_name).ok_or(NotOpened::OtherKey)?;
        let cipher = self.0[found].cipher(purpose).map_err(|NotSealed| NotOpened::Damaged)?;
        let mut plain = Zeroizing::new(text.to_vec());
        let nonce = Nonce::assume_unique_for_key(nonce);
        let opened = cipher.open_in_place(nonce, Aad::from(name.as_bytes()), &mut plain);
        let length = opened.map_err(|_| NotOpened::Damaged)?.len();
        plain.truncate(length);
        Ok(Opened { plain, is_current: found == 0 })
    }
}

impl fmt::Debug for SealingKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKeys({} …)", self.0.len())
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("is_current", &self.is_current).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemEntropy;

    fn key() -> Zeroizing<String> {
        SealingKeys::generate(&SystemEntropy)
    }

    fn sealed(keys: &SealingKeys, plain: &[u8]) -> Vec<u8> {
        keys.seal("signing key", "one", plain, &SystemEntropy).unwrap()
    }

    #[test]
    fn every_key_of_the_list_opens_and_the_first_one_seals() {
        let (old, new) = (key(), key());
        let before = SealingKeys::parse(&old).unwrap();
        let both = SealingKeys::parse(&format!("{}\n{}\n", *new, *old)).unwrap();
        let opened = both.open("signing key", "one", &sealed(&before, b"plain")).unwrap();
        assert_eq!((&**opened.plain, opened.is_current), (&b"plain"[..], false));
        let again = sealed(&both, &opened.plain);
        assert!(both.open("signing key", "one", &again).unwrap().is_current);
        assert!(SealingKeys::parse(&new).unwrap().open("signing key", "one", &again).unwrap().is_current);
        assert_eq!(before.open("signing key", "one", &again).unwrap_err(), NotOpened::OtherKey);
    }

    #[test]
    fn a_sealed_value_is_of_no_use_for_another_purpose_or_name_or_once_it_is_changed() {
        let keys = SealingKeys::parse(&key()).unwrap();
        let sealed = sealed(&keys, b"plain");
        assert!(!sealed.windows(5).any(|window| window == b"plain"));
        for (purpose, name) in [("cursor", "one"), ("signing key", "two")] {
            assert_eq!(keys.open(purpose, name, &sealed).unwrap_err(), NotOpened::Damaged);
        }
        for at in [0, HEAD - 1, HEAD, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(keys.open("signing key", "one", &changed).unwrap_err(), NotOpened::Damaged, "{at}");
        }
        assert_eq!(keys.open("signing key", "one", &sealed[..4]).unwrap_err(), NotOpened::Damaged);
    }

    #[test]
    fn the_same_value_is_sealed_in_another_form_each_time() {
        let keys = SealingKeys::parse(&key()).unwrap();
        assert_ne!(sealed(&keys, b"plain"), sealed(&keys, b"plain"));
    }

    #[test]
    fn a_text_that_is_not_a_list_of_keys_is_refused_without_repeating_it() {
        assert_eq!(SealingKeys::parse(" \n").unwrap_err(), SealingKeyError::None);
        let good = key();
        for bad in ["hunter2", "AAAA", &good[..40]] {
            let refused = SealingKeys::parse(&format!("{},{bad}", *good)).unwrap_err();
            assert_eq!(refused, SealingKeyError::Form(2), "{bad}");
            assert!(!refused.to_string().contains(bad));
        }
        assert!(SealingKeys::parse(good.trim_end_matches('=')).is_ok());
    }

    #[test]
    fn debug_hides_the_keys() {
        assert_eq!(format!("{:?}", SealingKeys::parse(&key()).unwrap()), "SealingKeys(1 …)");
    }
}
