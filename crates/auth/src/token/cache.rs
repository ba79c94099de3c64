//! Tokens that were verified before.

use super::claims::Claims;
use super::key::Fingerprint;
use crate::{Entropy as _, SystemEntropy};
use quick_cache::sync::Cache;
use siphasher::sip128::{Hasher128 as _, SipHasher24};
use std::fmt;
use std::hash::Hasher as _;
use std::sync::Arc;

/// The claims of tokens with a valid signature, by the token's fingerprint, so that the cache holds no tokens.
/// Bounded; the least used entries are evicted first.
pub(super) struct TokenCache {
    verified: Cache<TokenFingerprint, Verified>,
    digester: TokenFingerprinter,
}

/// A token with a valid signature.
#[derive(Clone)]
pub(super) struct Verified {
    pub(super) claims: Arc<Claims>,
    /// The key that signed the token. Once it is removed, the entry is no longer valid.
    pub(super) key: Fingerprint,
}

/// A token's fingerprint: 128 bits of SipHash-2-4 under the key of its [`TokenFingerprinter`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TokenFingerprint(u128);

/// Makes fingerprints that nobody can predict: SipHash-2-4 is a MAC, and its key is random and never leaves the
/// process. To have a token mistaken for a cached one, an attacker has to guess 128 bits, with one request per guess.
/// So the fingerprint identifies the token as its SHA-256 would, for less, and no token is kept to compare with.
pub(crate) struct TokenFingerprinter(SipHasher24);

impl TokenFingerprinter {
    pub(crate) fn new() -> Self {
        let mut key = [0; 16];
        SystemEntropy.fill(&mut key);
        Self(SipHasher24::new_with_key(&key))
    }

    pub(crate) fn digest(&self, token: &str) -> TokenFingerprint {
        let mut hasher = self.0;
        hasher.write(token.as_bytes());
        TokenFingerprint(hasher.finish128().as_u128())
    }
}

/// Hides the key.
impl fmt::Debug for TokenFingerprinter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenFingerprinter(…)")
    }
}

impl TokenCache {
    pub(super) fn new(capacity: usize) -> Self {
        Self { verified: Cache::new(capacity), digester: TokenFingerprinter::new() }
    }

    pub(super) fn digest(&self, token: &str) -> TokenFingerprint {
        self.digester.digest(token)
    }

    pub(super) fn get(&self, token: &TokenFingerprint) -> Option<Verified> {
        self.verified.get(token)
    }

    pub(super) fn keep(&self, token: TokenFingerprint, verified: Verified) {
        self.verified.insert(token, verified);
    }

    pub(super) fn forget(&self, token: &TokenFingerprint) {
        self.verified.remove(token);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.verified.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_distinguishes_tokens_and_depends_on_its_key() {
        let digester = TokenFingerprinter::new();
        assert!(digester.digest("a.b.c") == digester.digest("a.b.c"));
        for other in ["a.b.d", "a.b.c ", "a.b.", ""] {
            assert!(digester.digest("a.b.c") != digester.digest(other));
        }
        assert!(digester.digest("a.b.c") != TokenFingerprinter::new().digest("a.b.c"));
    }

    #[test]
    fn the_digest_is_siphash_2_4() {
        // The first vectors of the reference implementation: the key is 00 to 0f.
        let key = std::array::from_fn(|n| u8::try_from(n).unwrap());
        let digester = TokenFingerprinter(SipHasher24::new_with_key(&key));
        let bytes = digester.digest("").0.to_le_bytes();
        assert_eq!(bytes[..4], [0xa3, 0x81, 0x7f, 0x04]);
    }
}
