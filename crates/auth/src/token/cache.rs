//! Tokens that were verified before.

use super::claims::Claims;
use super::key::Fingerprint;
use crate::{Entropy as _, SystemEntropy};
use polyval::Polyval;
use polyval::universal_hash::UniversalHash as _;
use quick_cache::sync::Cache;
use std::fmt;
use std::sync::Arc;

/// The claims of tokens with a valid signature, by the token's fingerprint, so that the cache holds no tokens.
/// Bounded; the least used entries are evicted first.
pub(super) struct TokenCache {
    verified: Cache<TokenFingerprint, Verified>,
    fingerprinter: TokenFingerprinter,
}

/// A token with a valid signature.
#[derive(Clone)]
pub(super) struct Verified {
    pub(super) claims: Arc<Claims>,
    /// The key that signed the token. Once it is removed, the entry is no longer valid.
    pub(super) key: Fingerprint,
}

/// A token's fingerprint: 128 bits of POLYVAL under the key of its [`TokenFingerprinter`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TokenFingerprint(u128);

/// Makes fingerprints that nobody can predict, with POLYVAL (RFC 8452, section 3), a universal hash: for any two tokens
/// of at most 8 KiB, a random key gives both the same fingerprint with a probability of at most 513 in 2^128. Neither the
/// key nor a fingerprint ever leaves the process, so an attacker cannot do better than guess, with one request per
/// guess. So the fingerprint identifies the token as its SHA-256 would, for less, and no token is kept to compare with.
pub(crate) struct TokenFingerprinter(Polyval);

impl TokenFingerprinter {
    pub(crate) fn new() -> Self {
        let mut key = [0; 16];
        SystemEntropy.fill(&mut key);
        Self(Polyval::new(&key.into()))
    }

    pub(crate) fn fingerprint(&self, token: &str) -> TokenFingerprint {
        let mut hash = self.0.clone();
        hash.update_padded(token.as_bytes());
        // The length tells apart tokens that are equal once they are padded with zeros. One more, so that the last block
        // is never zero, not even for an empty token.
        let length = u128::try_from(token.len()).unwrap_or(u128::MAX).saturating_add(1);
        hash.update(&[length.to_le_bytes().into()]);
        TokenFingerprint(u128::from_le_bytes(hash.finalize().into()))
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
        Self { verified: Cache::new(capacity), fingerprinter: TokenFingerprinter::new() }
    }

    pub(super) fn fingerprint(&self, token: &str) -> TokenFingerprint {
        self.fingerprinter.fingerprint(token)
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
        let fingerprinter = TokenFingerprinter::new();
        assert!(fingerprinter.fingerprint("a.b.c") == fingerprinter.fingerprint("a.b.c"));
        for other in ["a.b.d", "a.b.c ", "a.b.c\0", "a.b.", ""] {
            assert!(fingerprinter.fingerprint("a.b.c") != fingerprinter.fingerprint(other));
        }
        assert!(fingerprinter.fingerprint("a.b.c") != TokenFingerprinter::new().fingerprint("a.b.c"));
    }

    #[test]
    fn the_fingerprint_is_polyval_of_the_padded_token_and_one_more_than_its_length() {
        // The key of appendix A of RFC 8452; the hash computed from the definition in section 3 with Python's integers.
        let key = 0x7b75_4bba_26f8_311d_7642_9258_4793_6225_u128.to_le_bytes();
        let fingerprinter = TokenFingerprinter(Polyval::new(&key.into()));
        assert_eq!(fingerprinter.fingerprint("a.b.c").0, 0x6bb5_8693_9862_ba20_787d_b780_0316_2c6e);
    }
}
