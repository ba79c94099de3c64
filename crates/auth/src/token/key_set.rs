//! Keys together.

use super::jwk::Jwk;
use super::key::{Fingerprint, VerifyingKey};
use jiff::Timestamp;
use roster_identity::KeyId;
use serde::{Deserialize, Serialize};
use std::error::Error;

/// The keys whose tokens are accepted, each by its name. At most one has none.
#[derive(Clone, Debug, Default)]
pub struct KeySet(Vec<VerifyingKey>);

/// Why keys are no set.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// Two keys go by one name, so that a token's `kid` would not say which.
    #[error("two keys are called {}", .0.as_ref().map_or("nothing", KeyId::as_str))]
    Duplicate(Option<KeyId>),
    /// Not a JWK Set.
    #[error("this is no JWK Set: it has to be a JSON object with an array `keys`")]
    NoSet(#[source] Box<dyn Error + Send + Sync>),
}

/// A JWK Set as it is written (RFC 7517, section 5). A key that cannot even be read as one is none of ours.
#[derive(Deserialize)]
struct ReadSet {
    keys: Vec<serde_json::Value>,
}

#[derive(Serialize)]
struct WrittenSet {
    keys: Vec<Jwk>,
}

impl KeySet {
    /// These keys.
    ///
    /// # Errors
    /// [`KeySetError::Duplicate`], if two have one name, or none.
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

    /// Reads a JWK Set, such as a server publishes at `/.well-known/jwks.json`.
    ///
    /// Keys that are no public keys for one of Roster's algorithms are left out, as RFC 7517, section 5, wishes:
    /// other types and curves, `use: enc`, weak ones, private ones, and shared secrets, which have no business
    /// there. So the set may be empty.
    ///
    /// # Errors
    /// [`KeySetError`], if the document is no JWK Set, or names two of the keys that are left alike.
    pub fn from_jwks(json: &str) -> Result<Self, KeySetError> {
        let document: ReadSet =
            serde_json::from_str(json).map_err(|error| KeySetError::NoSet(error.into()))?;
        Self::new(document.keys.into_iter().filter_map(usable))
    }

    /// Writes the public keys whose tokens are accepted at `now` as a JWK Set; never a shared secret.
    #[must_use]
    pub fn to_jwks(&self, now: Timestamp) -> String {
        let accepted = self.0.iter().filter(|key| key.is_accepted(now));
        let set = WrittenSet { keys: accepted.filter_map(VerifyingKey::published).collect() };
        serde_json::to_string(&set).unwrap_or_default()
    }

    /// The key that a token with this `kid`, or with none, is signed with.
    #[must_use]
    pub fn get(&self, id: Option<&str>) -> Option<&VerifyingKey> {
        self.0.iter().find(|key| key.id().map(KeyId::as_str) == id)
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, VerifyingKey> {
        self.0.iter()
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none, so that no token is accepted.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether tokens of the key with this fingerprint are accepted at `now`.
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

/// One key is always a set.
impl From<VerifyingKey> for KeySet {
    fn from(key: VerifyingKey) -> Self {
        Self(vec![key])
    }
}

#[cfg(test)]
mod tests;
