//! The keys that sign access tokens, as a backup holds them.

use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// The ring of keys, and the private halves that are still needed.
pub struct SigningKeys {
    /// The ring as JSON, by the rules of whoever keeps it.
    pub ring: String,
    /// The number of the ring's last change that is in the audit log.
    pub audited: u64,
    /// The private halves.
    pub private: Vec<PrivateKey>,
}

/// The private half of a key. It is wiped when it is dropped.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivateKey {
    /// Which key's.
    pub kid: String,
    /// PEM.
    #[serde(serialize_with = "plain", deserialize_with = "secret")]
    pub pem: Zeroizing<String>,
}

fn plain<S: serde::Serializer>(pem: &Zeroizing<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(pem)
}

fn secret<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(deserializer).map(Zeroizing::new)
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKeys").field("private", &self.private).finish_non_exhaustive()
    }
}
