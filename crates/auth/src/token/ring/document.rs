//! The file form of a ring.

use super::super::jwk::Jwk;
use super::super::{KeyError, KeySet, KeySetError, VerifyingKey};
use super::change::KeyChange;
use super::key::{KeyState, RingKey};
use super::key_ring::KeyRing;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::error::Error;

/// The version of the document below.
const VERSION: u32 = 1;

/// Why a text is not a valid ring.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RingDamaged {
    /// Not JSON of the expected form.
    #[error("it does not have the form that Roster writes")]
    Form(#[source] Box<dyn Error + Send + Sync>),
    /// Written by another version of Roster.
    #[error("it has version {0}, but this Roster reads version {VERSION}")]
    Version(u32),
    /// A key cannot be read.
    #[error("key {kid} cannot be read")]
    Key {
        /// The key.
        kid: String,
        /// The reason.
        source: KeyError,
    },
    /// A key's name is not its thumbprint.
    #[error("key {0} does not match its kid")]
    Name(String),
    /// A key is listed twice.
    #[error("a key is listed twice")]
    Twice(#[from] KeySetError),
    /// An unknown state, or a state with data missing or in excess.
    #[error("key {0} has no valid state, or its accept_until does not fit its state")]
    State(String),
    /// There is not exactly one active key.
    #[error("{0} keys are active, but exactly one must be")]
    Active(usize),
    /// The changes are out of order.
    #[error("its changes are not numbered in order")]
    Changes,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    keys: Vec<Entry>,
    changes: Vec<KeyChange>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kid: String,
    state: String,
    created_at: Timestamp,
    since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accept_until: Option<Timestamp>,
    jwk: Jwk,
}

impl KeyRing {
    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    /// [`RingDamaged`] for any other text.
    pub fn from_json(json: &str) -> Result<Self, RingDamaged> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let Versioned { version } = read(json)?;
        if version != VERSION {
            return Err(RingDamaged::Version(version));
        }
        let document: Document = read(json)?;
        let keys = document.keys.into_iter().map(Entry::read).collect::<Result<Vec<_>, _>>()?;
        KeySet::new(keys.iter().map(|key| key.key.clone()))?;
        let active = keys.iter().filter(|key| key.state == KeyState::Active).count();
        if active != usize::from(!keys.is_empty()) {
            return Err(RingDamaged::Active(active));
        }
        if !document.changes.is_sorted_by(|one, other| one.number < other.number) {
            return Err(RingDamaged::Changes);
        }
        Ok(Self { keys, changes: document.changes })
    }

    /// Writes the ring as readable JSON, without private keys.
    #[must_use]
    pub fn to_json(&self) -> String {
        let keys = self.keys.iter().filter_map(Entry::of).collect();
        let document = Document { version: VERSION, keys, changes: self.changes.clone() };
        let mut json = serde_json::to_string_pretty(&document).unwrap_or_default();
        json.push('\n');
        json
    }
}

fn read<T: DeserializeOwned>(json: &str) -> Result<T, RingDamaged> {
    serde_json::from_str(json).map_err(|error| RingDamaged::Form(error.into()))
}

impl Entry {
    fn of(key: &RingKey) -> Option<Self> {
        Some(Self {
            kid: key.id().to_owned(),
            state: key.state.to_string(),
            created_at: key.created_at,
            since: key.since,
            accept_until: match key.state {
                KeyState::Retired { accept_until } => Some(accept_until),
                KeyState::Next | KeyState::Active | KeyState::Revoked => None,
            },
            jwk: key.key.published()?,
        })
    }

    fn read(self) -> Result<RingKey, RingDamaged> {
        let state = match (self.state.as_str(), self.accept_until) {
            ("next", None) => KeyState::Next,
            ("active", None) => KeyState::Active,
            ("retired", Some(accept_until)) => KeyState::Retired { accept_until },
            ("revoked", None) => KeyState::Revoked,
            _ => return Err(RingDamaged::State(self.kid)),
        };
        let unnamed = Jwk { kid: None, ..self.jwk };
        let key = VerifyingKey::of_jwk(&unnamed)
            .map_err(|source| RingDamaged::Key { kid: self.kid.clone(), source })?;
        if key.id().is_none_or(|id| id.as_str() != self.kid) {
            return Err(RingDamaged::Name(self.kid));
        }
        Ok(RingKey { key, created_at: self.created_at, since: self.since, state })
    }
}
