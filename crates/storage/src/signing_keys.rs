//! The signing keys that an engine keeps beside the items of the store.

use std::fmt;

/// The ring of generated signing keys, with the private keys that may still sign. They are sealed: an engine stores bytes
/// that it cannot read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredKeys {
    /// The ring as JSON, in the format of its owner; `None` if there are no keys yet.
    pub ring: Option<String>,
    /// The private keys.
    pub private: Vec<SealedKey>,
    /// When they were written, and how far their changes are in the audit log.
    pub stamp: KeyStamp,
}

/// Tells whether the keys have changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyStamp {
    /// Increases with every change of the keys; 0 before the first one.
    pub version: u64,
    /// The number of the ring's last change that is in the audit log.
    pub audited: u64,
}

/// A sealed private key.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedKey {
    /// The id of the key.
    pub kid: String,
    /// The sealed form.
    pub sealed: Vec<u8>,
}

/// What became of a change of the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyWrite {
    /// The keys are replaced.
    Made,
    /// Somebody else was faster, and nothing was changed. Read again and decide again.
    Outdated,
}

impl fmt::Debug for SealedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}
