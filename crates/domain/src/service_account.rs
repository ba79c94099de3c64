//! Service accounts: the accounts of programs.

mod name;

pub use name::{ServiceAccountName, ServiceAccountNameError};

use crate::{
    Actor, ApiKey, ApiKeyId, ApiKeyPrefix, AuthEpoch, CodedError, Description, GrantedPermissions,
    Permissions, ServiceAccountId, Status, StatusKind, Version,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A service account with its keys, as it is stored: one aggregate, changed as a whole.
///
/// As with a user, the transitions take the time as an argument and return the whole new state. Each one that someone
/// requested increments `version`; each one that ends the earlier access tokens increments `auth_epoch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceAccount {
    /// Never changes, and is never reused.
    pub id: ServiceAccountId,
    /// The unique name.
    pub name: ServiceAccountName,
    /// The purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    /// The most that its keys may do.
    pub permissions: GrantedPermissions,
    /// Whether its keys are accepted: active or disabled.
    #[serde(deserialize_with = "settled")]
    pub status: Status,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it, or its set of keys, was last changed.
    pub updated_at: Timestamp,
    /// Who created it.
    pub created_by: Actor,
    /// Counts its changes. The use of a key does not count.
    pub version: Version,
    /// Counts the events that end all earlier access tokens.
    pub auth_epoch: AuthEpoch,
    /// Its keys, oldest first: at most [`Self::MAX_KEYS`], with different ids and prefixes.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "distinct")]
    pub keys: Vec<ApiKey>,
}

/// The account has too many keys.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a service account can have at most {} valid keys", ServiceAccount::MAX_KEYS)]
pub struct TooManyKeys;

/// Why a key was not rotated.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NotRotated {
    /// The account has no such key.
    #[error("there is no such key")]
    Absent,
    /// The key has expired, so it cannot be replaced.
    #[error("the key has expired")]
    Ended,
    /// Another key has already replaced it.
    #[error("another key has already replaced it")]
    ReplacedAlready,
    /// The account cannot have both keys at once.
    #[error(transparent)]
    TooMany(#[from] TooManyKeys),
}

/// When a replaced key ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldKey {
    /// At once.
    EndsNow,
    /// At this time; until then both keys are valid.
    EndsAt(Timestamp),
}

impl ServiceAccount {
    /// The maximum number of valid keys. Expired keys do not count.
    pub const MAX_KEYS: usize = 20;

    /// Whether its keys are accepted.
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

    /// The last use of any of its keys.
    #[must_use]
    pub fn last_used_at(&self) -> Option<Timestamp> {
        self.keys.iter().filter_map(|key| key.last_used_at).max()
    }

    /// The account with another status, active or disabled. A change ends all earlier access tokens.
    #[must_use]
    pub fn with_status(self, status: AccountStatus, now: Timestamp) -> Self {
        let status = StatusKind::from(status);
        if self.status.kind() == status {
            return self;
        }
        Self { status: status.since(now), auth_epoch: self.auth_epoch.next(), ..self }
    }

    /// The account with other permissions, which ends all earlier access tokens.
    #[must_use]
    pub fn with_permissions(self, permissions: Permissions) -> Self {
        if self.permissions.known() == permissions {
            return self;
        }
        Self { permissions: permissions.into(), auth_epoch: self.auth_epoch.next(), ..self }
    }

    /// The account after a change, with the next version.
    #[must_use]
    pub fn touched(self, now: Timestamp) -> Self {
        Self { version: self.version.next(), updated_at: now, ..self }
    }

    /// The account with another key. Expired keys make room for it.
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

    /// The account with `new` as the replacement of the key `old`.
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

    /// The account without this key; `None` if it has no such key.
    #[must_use]
    pub fn without_key(mut self, id: ApiKeyId, now: Timestamp) -> Option<Self> {
        let at = self.keys.iter().position(|key| key.id == id)?;
        self.keys.remove(at);
        Some(self.touched(now))
    }

    /// The account after a use of one of its keys. The version stays.
    #[must_use]
    pub fn used(mut self, id: ApiKeyId, now: Timestamp) -> Self {
        self.keys = self.keys.into_iter().map(|key| if key.id == id { key.used(now) } else { key }).collect();
        self
    }
}

/// The status that a request sets for a service account.
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

    /// The name in requests and responses.
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

/// Why a text is not a status of a service account.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("there is no such status; it is one of: active, disabled")]
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
        return Err(serde::de::Error::custom("an API key appears twice"));
    }
    Ok(keys)
}

#[cfg(test)]
pub(crate) mod tests;
