//! The ring and its transitions.

use super::change::{KeyChange, KeyChangeKind};
use super::error::RingError;
use super::key::{KeyState, RingKey};
use crate::token::{KeyId, KeySet, VerifyingKey};
use jiff::Timestamp;
use std::time::Duration;

/// The keys that sign over time: their public halves, each with its state, and the history of changes. The ring is a
/// value; its owner stores the private halves as well.
///
/// Unless the ring is empty, exactly one key is active. Each transition returns the new ring, or the reason why it is
/// not possible and what to do instead.
#[derive(Clone, Debug, Default)]
pub struct KeyRing {
    pub(super) keys: Vec<RingKey>,
    pub(super) changes: Vec<KeyChange>,
}

impl KeyRing {
    /// All keys, oldest first.
    #[must_use]
    pub fn keys(&self) -> &[RingKey] {
        &self.keys
    }

    /// The history of changes, oldest first.
    #[must_use]
    pub fn changes(&self) -> &[KeyChange] {
        &self.changes
    }

    /// The key that signs.
    #[must_use]
    pub fn active(&self) -> Option<&RingKey> {
        self.keys.iter().find(|key| key.state == KeyState::Active)
    }

    /// The only key whose name begins with this text.
    ///
    /// # Errors
    /// [`RingError::Unknown`], [`RingError::Ambiguous`].
    pub fn find(&self, name: &str) -> Result<&RingKey, RingError> {
        if let Some(exact) = self.keys.iter().find(|key| key.id() == name) {
            return Ok(exact);
        }
        let mut found = self.keys.iter().filter(|key| !name.is_empty() && key.id().starts_with(name));
        match (found.next(), found.next()) {
            (Some(key), None) => Ok(key),
            (None, _) => Err(RingError::Unknown(name.to_owned())),
            (Some(_), Some(_)) => Err(RingError::Ambiguous(name.to_owned())),
        }
    }

    /// The keys whose tokens are accepted: all that are not revoked, retired ones until their end.
    #[must_use]
    pub fn key_set(&self) -> KeySet {
        let accepted = self.keys.iter().filter_map(|ring_key| match ring_key.state {
            KeyState::Next | KeyState::Active => Some(ring_key.key.clone()),
            KeyState::Retired { accept_until } => Some(ring_key.key.clone().accepted_until(accept_until)),
            KeyState::Revoked => None,
        });
        // A ring has no key twice, so this cannot fail.
        KeySet::new(accepted).unwrap_or_default()
    }

    /// Adds a new key. It is next, or active if it is the first.
    ///
    /// # Errors
    /// [`RingError::Symmetric`], [`RingError::Duplicate`].
    pub fn add(mut self, key: VerifyingKey, now: Timestamp) -> Result<Self, RingError> {
        let Some(id) = key.id().filter(|_| key.is_public()).cloned() else {
            return Err(RingError::Symmetric);
        };
        if self.keys.iter().any(|other| other.id() == id.as_str()) {
            return Err(RingError::Duplicate(id));
        }
        self.keys.push(RingKey { key, created_at: now, since: now, state: KeyState::Next });
        self.note(&id, KeyChangeKind::Generated, now);
        if self.active().is_none() {
            self.set(id.as_str(), KeyState::Active, now);
        }
        Ok(self)
    }

    /// Makes this key sign from now on and retires the previous one, whose tokens are accepted for another
    /// `accept_for`: the lifetime of its youngest token. A retired key can be activated again until its end.
    ///
    /// # Errors
    /// [`RingError`] if there is no such key, or its state forbids it.
    pub fn activate(mut self, name: &str, now: Timestamp, accept_for: Duration) -> Result<Self, RingError> {
        let found = self.find(name)?;
        let id = found.id().to_owned();
        match found.state {
            KeyState::Next => {}
            KeyState::Retired { accept_until } if now < accept_until => {}
            KeyState::Retired { .. } => return Err(RingError::Past(id)),
            KeyState::Active => return Err(RingError::Already(id, KeyState::Active)),
            KeyState::Revoked => return Err(RingError::Revoked(id)),
        }
        if let Some(active) = self.active().map(|key| key.id().to_owned()) {
            self.set(&active, retired(now, accept_for), now);
        }
        self.set(&id, KeyState::Active, now);
        Ok(self)
    }

    /// Stops signing with this key. If it is active, the oldest next key takes over.
    ///
    /// # Errors
    /// [`RingError`] if there is no such key, its state forbids it, or no key can take over.
    pub fn retire(self, name: &str, now: Timestamp, accept_for: Duration) -> Result<Self, RingError> {
        let found = self.find(name)?;
        let id = found.id().to_owned();
        match found.state {
            KeyState::Active => {
                let successor = self.successor(&id)?;
                self.activate(&successor, now, accept_for)
            }
            // It has never signed.
            KeyState::Next => Ok(self.with(&id, KeyState::Retired { accept_until: now }, now)),
            KeyState::Retired { .. } => Err(RingError::Already(id, found.state)),
            KeyState::Revoked => Err(RingError::Revoked(id)),
        }
    }

    /// Rejects all tokens of this key, at once and permanently. If it is active, the oldest next key takes over.
    ///
    /// # Errors
    /// [`RingError`] if there is no such key, it is already revoked, or no key can take over.
    pub fn revoke(mut self, name: &str, now: Timestamp) -> Result<Self, RingError> {
        let found = self.find(name)?;
        let id = found.id().to_owned();
        match found.state {
            KeyState::Revoked => return Err(RingError::Already(id, KeyState::Revoked)),
            KeyState::Active => {
                let successor = self.successor(&id)?;
                self.set(&id, KeyState::Revoked, now);
                self.set(&successor, KeyState::Active, now);
            }
            KeyState::Next | KeyState::Retired { .. } => self.set(&id, KeyState::Revoked, now),
        }
        Ok(self)
    }

    fn successor(&self, of: &str) -> Result<String, RingError> {
        let next = self.keys.iter().find(|key| key.state == KeyState::Next);
        next.map(|key| key.id().to_owned()).ok_or_else(|| RingError::NoSuccessor(of.to_owned()))
    }

    fn with(mut self, id: &str, state: KeyState, now: Timestamp) -> Self {
        self.set(id, state, now);
        self
    }

    pub(super) fn set(&mut self, id: &str, state: KeyState, now: Timestamp) {
        let Some(key) = self.keys.iter_mut().find(|key| key.id() == id) else { return };
        (key.state, key.since) = (state, now);
        let Some(id) = key.key.id().cloned() else { return };
        let kind = match state {
            KeyState::Next => KeyChangeKind::Generated,
            KeyState::Active => KeyChangeKind::Activated,
            KeyState::Retired { .. } => KeyChangeKind::Retired,
            KeyState::Revoked => KeyChangeKind::Revoked,
        };
        self.note(&id, kind, now);
    }

    fn note(&mut self, key: &KeyId, kind: KeyChangeKind, at: Timestamp) {
        let number = self.changes.last().map_or(1, |last| last.number + 1);
        self.changes.push(KeyChange { number, at, kind, key: key.clone() });
    }
}

fn retired(now: Timestamp, accept_for: Duration) -> KeyState {
    KeyState::Retired { accept_until: now.saturating_add(accept_for).unwrap_or(now) }
}
