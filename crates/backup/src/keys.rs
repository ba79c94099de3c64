//! The signing keys in a backup.

use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// The key ring, and the private keys that are still needed.
pub struct SigningKeys {
    /// The ring as JSON, in the format of its owner.
    pub ring: String,
    /// The number of the ring's last change that is in the audit log.
    pub audited: u64,
    /// The private keys.
    pub private: Vec<PrivateKey>,
}

/// A private key. It is wiped on drop.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivateKey {
    /// The id of the key.
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
