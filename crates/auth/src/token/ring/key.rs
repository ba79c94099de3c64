//! A key of a ring, and its state.

use crate::token::{KeyId, VerifyingKey};
use jiff::Timestamp;
use std::fmt;

/// A key of a ring.
#[derive(Clone, Debug)]
pub struct RingKey {
    /// Its public half.
    pub key: VerifyingKey,
    /// When it was generated.
    pub created_at: Timestamp,
    /// When it entered its state.
    pub since: Timestamp,
    /// Its state.
    pub state: KeyState,
}

/// The state of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Published, so that everyone knows it before it starts to sign.
    Next,
    /// Signs, and is published.
    Active,
    /// No longer signs; published and accepted until its last token has expired.
    Retired {
        /// When its tokens stop being accepted.
        accept_until: Timestamp,
    },
    /// Rejected permanently.
    Revoked,
}

impl KeyState {
    /// The names of all states.
    pub const NAMES: [&'static str; 4] = ["next", "active", "retired", "revoked"];

    /// The name in files, on the command line and in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired { .. } => "retired",
            Self::Revoked => "revoked",
        }
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl RingKey {
    /// Its name. The keys of a ring are public keys, so they all have one.
    #[must_use]
    pub fn id(&self) -> &str {
        self.key.id().map_or("", KeyId::as_str)
    }
}
