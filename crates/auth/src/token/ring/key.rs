//! A key of a ring, and its state.

use crate::token::{KeyId, VerifyingKey};
use jiff::Timestamp;
use std::fmt;

/// A key of a ring.
#[derive(Clone, Debug)]
pub struct RingKey {
    /// Its public half.
    pub key: VerifyingKey,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it is in its state.
    pub since: Timestamp,
    /// What it is good for.
    pub state: KeyState,
}

/// What a key is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Published, so that everybody knows it when it begins to sign.
    Next,
    /// Signs, and is published.
    Active,
    /// Signs no more; published and accepted until its last token has expired.
    Retired {
        /// From when on its tokens are refused.
        accept_until: Timestamp,
    },
    /// Refused at once, for good.
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
    /// What it is called. Keys of a ring are public ones, and these have names.
    #[must_use]
    pub fn id(&self) -> &str {
        self.key.id().map_or("", KeyId::as_str)
    }
}
