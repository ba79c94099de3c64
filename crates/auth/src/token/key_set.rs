//! Sets of keys.

use super::jwk::Jwk;
use super::key::{Fingerprint, VerifyingKey};
use jiff::Timestamp;
use roster_identity::KeyId;
use serde::{Deserialize, Serialize};
use std::error::Error;

/// The keys whose tokens are accepted, by name. At most one key has no name.
#[derive(Clone, Debug, Default)]
pub struct KeySet(Vec<VerifyingKey>);

/// Why keys do not form a set.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// Two keys have the same name, so a token's `kid` would be ambiguous.
    #[error("two keys have the same kid: {}", .0.as_ref().map_or("none", KeyId::as_str))]
    Duplicate(Option<KeyId>),
    /// Not a JWK Set.
    #[error("this is not a JWK Set: a JWK Set is a JSON object with an array `keys`")]
    NoSet(#[source] Box<dyn Error + Send + Sync>),
}

/// A JWK Set as it is written (RFC 7517, section 5). Keys that cannot be parsed are skipped later.
#[derive(Deserialize)]
struct ReadSet {
    keys: Vec<serde_json::Value>,
}

#[derive(Serialize)]
struct WrittenSet {
    keys: Vec<Jwk>,
}

impl KeySet {
    /// Makes a set of these keys.
    ///
    /// # Errors
    /// [`KeySetError::Duplicate`] if two have the same name, or neither has one.
    pub fn new(keys: impl IntoIterator<Item = VerifyingKey>) -> Result<Self, KeySetError> {
        let mut set: Vec<VerifyingKey> = Vec::new();
        for key in keys {
            if set.iter().any(|other| other.id() == key.id()) {
                return Err(KeySetError::Duplicate(key.id().cloned()));
            }
            set.push(key);
        }
        Ok(Self(set))
    }

    /// Reads a JWK Set, such as the one that a server publishes at `/.well-known/jwks.json`.
    ///
    /// Keys that are not public keys for a supported algorithm are skipped, as RFC 7517, section 5, requires: other
    /// types and curves, `use: enc`, weak or private keys, and shared secrets, which do not belong there. So the set
    /// may be empty.
    ///
    /// # Errors
    /// [`KeySetError`] if the document is not a JWK Set, or two of the remaining keys have the same name.
    pub fn from_jwks(json: &str) -> Result<Self, KeySetError> {
        let document: ReadSet =
            serde_json::from_str(json).map_err(|error| KeySetError::NoSet(error.into()))?;
        Self::new(document.keys.into_iter().filter_map(usable))
    }

    /// Writes the public keys that are accepted at `now` as a JWK Set; never a shared secret.
    #[must_use]
    pub fn to_jwks(&self, now: Timestamp) -> String {
        let accepted = self.0.iter().filter(|key| key.is_accepted(now));
        let set = WrittenSet { keys: accepted.filter_map(VerifyingKey::published).collect() };
        serde_json::to_string(&set).unwrap_or_default()
    }

    /// The key of a token with this `kid`, or with none.
    #[must_use]
    pub fn get(&self, id: Option<&str>) -> Option<&VerifyingKey> {
        self.0.iter().find(|key| key.id().map(KeyId::as_str) == id)
    }

    /// All keys.
    pub fn iter(&self) -> std::slice::Iter<'_, VerifyingKey> {
        self.0.iter()
    }

    /// The number of keys.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the set is empty, so that no token is accepted.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the key with this fingerprint is accepted at `now`.
    pub(super) fn accepts(&self, fingerprint: Fingerprint, now: Timestamp) -> bool {
        self.0.iter().any(|key| key.fingerprint() == fingerprint && key.is_accepted(now))
    }
}

fn usable(value: serde_json::Value) -> Option<VerifyingKey> {
    let key = serde_json::from_value::<Jwk>(value).ok().and_then(|jwk| {
        VerifyingKey::of_jwk(&jwk)
            .inspect_err(|fault| tracing::debug!(kid = jwk.kid, %fault, "left out a key of a JWK Set"))
            .ok()
    });
    key.filter(VerifyingKey::is_public)
}

impl<'a> IntoIterator for &'a KeySet {
    type Item = &'a VerifyingKey;
    type IntoIter = std::slice::Iter<'a, VerifyingKey>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A single key is always a set.
impl From<VerifyingKey> for KeySet {
    fn from(key: VerifyingKey) -> Self {
        Self(vec![key])
    }
}

#[cfg(test)]
mod tests;
