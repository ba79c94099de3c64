//! Digests of what is counted.

use siphasher::sip::SipHasher13;
use std::hash::{BuildHasher as _, Hash, Hasher as _, RandomState};

/// Digests of 64 bits under a random key, so that clients cannot provoke collisions.
pub(super) enum Digests {
    /// Under a key of this process.
    Own(RandomState),
    /// Under a key that all servers have.
    Shared(SipHasher13),
}

impl Digests {
    pub(super) fn own() -> Self {
        Self::Own(RandomState::new())
    }

    pub(super) fn shared(secret: &[u8; 16]) -> Self {
        Self::Shared(SipHasher13::new_with_key(secret))
    }

    pub(super) fn of(&self, value: impl Hash) -> u64 {
        match self {
            Self::Own(state) => state.hash_one(value),
            Self::Shared(hasher) => {
                let mut hasher = *hasher;
                value.hash(&mut hasher);
                hasher.finish()
            }
        }
    }
}
