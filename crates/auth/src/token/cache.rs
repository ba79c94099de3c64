//! Tokens that were verified already.

use super::claims::Claims;
use super::key::Fingerprint;
use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// The claims of tokens whose signature was right, by the token's digest, so that the memory of a server
/// holds no token. Bounded; the least used go first.
pub(super) struct TokenCache(Cache<TokenDigest, Verified>);

/// A token whose signature was right.
#[derive(Clone)]
pub(super) struct Verified {
    pub(super) claims: Arc<Claims>,
    /// The key that signed it: once that is gone, what it signed is worth nothing.
    pub(super) key: Fingerprint,
}

/// The SHA-256 of a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TokenDigest([u8; 32]);

impl TokenDigest {
    pub(crate) fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }
}

impl TokenCache {
    pub(super) fn new(capacity: usize) -> Self {
        Self(Cache::new(capacity))
    }

    pub(super) fn get(&self, token: &TokenDigest) -> Option<Verified> {
        self.0.get(token)
    }

    pub(super) fn keep(&self, token: TokenDigest, verified: Verified) {
        self.0.insert(token, verified);
    }

    pub(super) fn forget(&self, token: &TokenDigest) {
        self.0.remove(token);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
