//! Tokens that were verified already.

use super::claims::Claims;
use quick_cache::sync::Cache;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// The claims of tokens whose signature was right, by the token's digest, so that the memory of a server
/// holds no token. Bounded; the least used go first.
pub(super) struct TokenCache(Cache<TokenDigest, Arc<Claims>>);

/// The SHA-256 of a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct TokenDigest([u8; 32]);

impl TokenDigest {
    pub(super) fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }
}

impl TokenCache {
    pub(super) fn new(capacity: usize) -> Self {
        Self(Cache::new(capacity))
    }

    pub(super) fn claims(&self, token: &TokenDigest) -> Option<Arc<Claims>> {
        self.0.get(token)
    }

    pub(super) fn keep(&self, token: TokenDigest, claims: Arc<Claims>) {
        self.0.insert(token, claims);
    }

    pub(super) fn forget(&self, token: &TokenDigest) {
        self.0.remove(token);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
