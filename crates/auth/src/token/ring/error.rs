//! Transitions that there are not.

use super::super::KeyId;
use super::key::KeyState;
use thiserror::Error;

/// Why a ring does not change, and what to do instead.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum RingError {
    /// No key of the ring is called so.
    #[error("no key's kid begins with \"{0}\"; `roster keys list` names them")]
    Unknown(String),
    /// Several keys' names begin so.
    #[error("several keys' kids begin with \"{0}\"; write more of it")]
    Ambiguous(String),
    /// The ring has the key already.
    #[error("key {0} is there already")]
    Duplicate(KeyId),
    /// A shared secret is no key of a ring.
    #[error("a shared secret cannot be published, so it is no key to rotate; auth.jwt_secret takes it")]
    Symmetric,
    /// Nothing would change.
    #[error("key {0} is {1} already")]
    Already(String, KeyState),
    /// The key was revoked.
    #[error("key {0} is revoked, and stays so; `roster keys generate` makes another")]
    Revoked(String),
    /// The key's last token has expired.
    #[error("key {0} is retired and its time is over; `roster keys generate` makes another")]
    Past(String),
    /// Nothing would sign.
    #[error("key {0} is the active one and no key is next; `roster keys generate` makes one, then try again")]
    NoSuccessor(String),
}
