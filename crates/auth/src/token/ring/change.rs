//! What happens to keys.

use super::super::KeyId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that happened to a key of a ring.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KeyChange {
    /// One more than that of the change before.
    pub number: u64,
    /// When it happened.
    pub at: Timestamp,
    /// To which key.
    pub key: KeyId,
    /// What happened.
    #[serde(rename = "change")]
    pub kind: KeyChangeKind,
}

/// What happens to keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyChangeKind {
    /// It was made.
    Generated,
    /// It began to sign.
    Activated,
    /// It ceased to sign.
    Retired,
    /// It ceased to be accepted.
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
