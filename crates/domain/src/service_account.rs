//! A machine with an account.

mod name;

pub use name::{ServiceAccountName, ServiceAccountNameError};

use crate::{
    Actor, ApiKey, ApiKeyId, ApiKeyPrefix, AuthEpoch, CodedError, Description, Permissions, ServiceAccountId,
    Status, StatusKind, Version,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A machine with an account, as it is stored, with its keys: one aggregate, changed as a whole.
///
/// As with a user, the transitions take the time as an argument and give back the whole new state; each one
/// that somebody asked for counts up `version`, each one that must end the access tokens issued so far counts
/// up `auth_epoch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceAccount {
    /// Never changes, never reused.
    pub id: ServiceAccountId,
    /// What it is called; no other has the same.
    pub name: ServiceAccountName,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    /// What its keys may do at most.
    pub permissions: Permissions,
    /// Whether its keys are good: active or disabled.
    #[serde(deserialize_with = "settled")]
    pub status: Status,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it or the number of its keys was last changed.
    pub updated_at: Timestamp,
    /// Who made it.
    pub created_by: Actor,
    /// Counts its changes. The use of a key is none.
    pub version: Version,
    /// Counts the events that end the access tokens issued before.
    pub auth_epoch: AuthEpoch,
    /// Its keys, oldest first; at most [`Self::MAX_KEYS`], and no two with one id or prefix.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "distinct")]
    pub keys: Vec<ApiKey>,
}

/// Why a key was not added.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a service account has at most {} live keys", ServiceAccount::MAX_KEYS)]
pub struct TooManyKeys;

/// Why a key was not rotated.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NotRotated {
    /// There is no such key.
    #[error("there is no such key")]
    Absent,
    /// Its time is over: there is nothing to take the place of.
    #[error("the key has ended")]
    Ended,
    /// Another has taken its place already.
    #[error("another key has taken its place already")]
    ReplacedAlready,
    /// There is no room for both at once.
    #[error(transparent)]
    TooMany(#[from] TooManyKeys),
}

/// When a key ends that another takes the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldKey {
    /// At once.
    EndsNow,
    /// Then: until then both are good.
    EndsAt(Timestamp),
}

impl ServiceAccount {
    /// The most keys it has at once, not counting those that have ended.
    pub const MAX_KEYS: usize = 20;

    /// Whether its keys are good.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.status, Status::Active)
    }

    /// The key with this id.
    #[must_use]
    pub fn key(&self, id: ApiKeyId) -> Option<&ApiKey> {
        self.keys.iter().find(|key| key.id == id)
    }

    /// The key with this prefix.
    #[must_use]
    pub fn key_by_prefix(&self, prefix: &ApiKeyPrefix) -> Option<&ApiKey> {
        self.keys.iter().find(|key| key.prefix == *prefix)
    }

    /// When one of its keys was last used.
    #[must_use]
    pub fn last_used_at(&self) -> Option<Timestamp> {
        self.keys.iter().filter_map(|key| key.last_used_at).max()
    }

    /// The account with another status: active or disabled. A change ends the access tokens issued before.
    #[must_use]
    pub fn with_status(self, status: AccountStatus, now: Timestamp) -> Self {
        let status = StatusKind::from(status);
        if self.status.kind() == status {
            return self;
        }
        Self { status: status.since(now), auth_epoch: self.auth_epoch.next(), ..self }
    }

    /// The account with other permissions, which ends the access tokens issued before.
    #[must_use]
    pub fn with_permissions(self, permissions: Permissions) -> Self {
        if self.permissions == permissions {
            return self;
        }
        Self { permissions, auth_epoch: self.auth_epoch.next(), ..self }
    }

    /// The account after it was changed: one version on.
    #[must_use]
    pub fn touched(self, now: Timestamp) -> Self {
        Self { version: self.version.next(), updated_at: now, ..self }
    }

    /// The account with one key more. Keys that have ended make room for it.
    ///
    /// # Errors
    /// [`TooManyKeys`].
    pub fn with_key(mut self, key: ApiKey, now: Timestamp) -> Result<Self, TooManyKeys> {
        self.keys.retain(|old| old.is_live(now));
        if self.keys.len() >= Self::MAX_KEYS {
            return Err(TooManyKeys);
        }
        self.keys.push(key);
        Ok(self.touched(now))
    }

    /// The account with `new` in the place of the key `old`.
    ///
    /// # Errors
    /// [`NotRotated`].
    pub fn rotated(
        mut self,
        old: ApiKeyId,
        new: ApiKey,
        ending: OldKey,
        now: Timestamp,
    ) -> Result<Self, NotRotated> {
        let at = self.keys.iter().position(|key| key.id == old).ok_or(NotRotated::Absent)?;
        if self.keys[at].replaced_by.is_some() {
            return Err(NotRotated::ReplacedAlready);
        }
        if !self.keys[at].is_live(now) {
            return Err(NotRotated::Ended);
        }
        let key = self.keys.remove(at);
        if let OldKey::EndsAt(end) = ending {
            self.keys.insert(at, key.replaced(new.id, end));
        }
        Ok(self.with_key(new, now)?)
    }

    /// The account without the key, or nothing if it has none of that id.
    #[must_use]
    pub fn without_key(mut self, id: ApiKeyId, now: Timestamp) -> Option<Self> {
        let at = self.keys.iter().position(|key| key.id == id)?;
        self.keys.remove(at);
        Some(self.touched(now))
    }

    /// The account after one of its keys was used. Leaves the version alone.
    #[must_use]
    pub fn used(mut self, id: ApiKeyId, now: Timestamp) -> Self {
        self.keys = self.keys.into_iter().map(|key| if key.id == id { key.used(now) } else { key }).collect();
        self
    }
}

/// Whether a service account's keys are good: what a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountStatus {
    /// `active`
    Active,
    /// `disabled`
    Disabled,
}

impl AccountStatus {
    /// Every status.
    pub const ALL: [Self; 2] = [Self::Active, Self::Disabled];

    /// The name in requests and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => StatusKind::Active.as_str(),
            Self::Disabled => StatusKind::Disabled.as_str(),
        }
    }
}

impl From<AccountStatus> for StatusKind {
    fn from(status: AccountStatus) -> Self {
        match status {
            AccountStatus::Active => Self::Active,
            AccountStatus::Disabled => Self::Disabled,
        }
    }
}

/// Why a text names no status of a service account.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("known are active, disabled")]
pub struct AccountStatusError;

impl CodedError for AccountStatusError {
    fn code(&self) -> &'static str {
        "status_invalid"
    }
}

impl TryFrom<String> for AccountStatus {
    type Error = AccountStatusError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::ALL.into_iter().find(|status| status.as_str() == text).ok_or(AccountStatusError)
    }
}

fn settled<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Status, D::Error> {
    match Status::deserialize(deserializer)? {
        Status::Pending { .. } => Err(serde::de::Error::custom("a service account is active or disabled")),
        status @ (Status::Active | Status::Disabled { .. }) => Ok(status),
    }
}

fn distinct<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<ApiKey>, D::Error> {
    let keys = Vec::<ApiKey>::deserialize(deserializer)?;
    if keys.len() > ServiceAccount::MAX_KEYS {
        return Err(serde::de::Error::custom(TooManyKeys));
    }
    let twice = |(at, key): (usize, &ApiKey)| {
        keys[..at].iter().any(|other| other.id == key.id || other.prefix == key.prefix)
    };
    if keys.iter().enumerate().any(twice) {
        return Err(serde::de::Error::custom("an API key is there twice"));
    }
    Ok(keys)
}

#[cfg(test)]
pub(crate) mod tests;
