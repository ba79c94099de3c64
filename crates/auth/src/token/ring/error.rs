//! Transitions that are not possible.

use super::super::KeyId;
use super::key::KeyState;
use thiserror::Error;

/// Why a ring cannot change, and what to do instead.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum RingError {
    /// No key of the ring has this name.
    #[error("no key's kid begins with \"{0}\"; `roster keys list` lists them")]
    Unknown(String),
    /// Several keys' names begin like this.
    #[error("several keys' kids begin with \"{0}\"; type more characters")]
    Ambiguous(String),
    /// The ring already has the key.
    #[error("key {0} is already in the ring")]
    Duplicate(KeyId),
    /// A shared secret cannot be a key of a ring.
    #[error("a shared secret cannot be published, so it cannot be rotated; set it as auth.jwt_secret")]
    Symmetric,
    /// Nothing would change.
    #[error("key {0} is already {1}")]
    Already(String, KeyState),
    /// The key was revoked.
    #[error("key {0} is revoked permanently; `roster keys generate` makes another")]
    Revoked(String),
    /// The last token of the key has expired.
    #[error("key {0} is retired and its last token has expired; `roster keys generate` makes another")]
    Past(String),
    /// No key would sign.
    #[error(
        "key {0} is the active one and there is no next key; `roster keys generate` makes one, then try again"
    )]
    NoSuccessor(String),
}
