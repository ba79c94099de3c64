//! The history of keys.

use super::super::KeyId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// An event in the life of a key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KeyChange {
    /// One more than the number of the previous change.
    pub number: u64,
    /// When it happened.
    pub at: Timestamp,
    /// The key.
    pub key: KeyId,
    /// What happened.
    #[serde(rename = "change")]
    pub kind: KeyChangeKind,
}

/// The events in the life of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyChangeKind {
    /// The key was generated.
    Generated,
    /// The key started to sign.
    Activated,
    /// The key stopped signing.
    Retired,
    /// The key is no longer accepted.
    Revoked,
}

impl KeyChangeKind {
    /// The name in files and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::Activated => "activated",
            Self::Retired => "retired",
            Self::Revoked => "revoked",
        }
    }
}
