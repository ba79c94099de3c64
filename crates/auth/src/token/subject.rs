//! The subject of a token.

use roster_identity::{ApiKeyId, ServiceAccountId, UserId};
use std::fmt;

/// The subject of a token. It is displayed as its id, the `sub` of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A user.
    User(UserId),
    /// A service account in its own name.
    ServiceAccount {
        /// Its account.
        id: ServiceAccountId,
        /// The API key that the token was issued for. The token ends with it.
        key: ApiKeyId,
    },
}

impl Subject {
    /// The user's id, if the subject is a user.
    #[must_use]
    pub const fn user_id(&self) -> Option<UserId> {
        match self {
            Self::User(id) => Some(*id),
            Self::ServiceAccount { .. } => None,
        }
    }

    /// The service account's id, if the subject is one.
    #[must_use]
    pub const fn service_account_id(&self) -> Option<ServiceAccountId> {
        match self {
            Self::User(_) => None,
            Self::ServiceAccount { id, .. } => Some(*id),
        }
    }

    /// The subject that `sub` and `key` of a token describe together.
    pub(super) fn from_wire(sub: &str, key: Option<ApiKeyId>) -> Option<Self> {
        Some(match key {
            None => Self::User(sub.parse().ok()?),
            Some(key) => Self::ServiceAccount { id: sub.parse().ok()?, key },
        })
    }

    #[cfg(feature = "issue")]
    pub(super) const fn key(&self) -> Option<ApiKeyId> {
        match self {
            Self::User(_) => None,
            Self::ServiceAccount { key, .. } => Some(*key),
        }
    }
}

impl From<UserId> for Subject {
    fn from(id: UserId) -> Self {
        Self::User(id)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::ServiceAccount { id, .. } => id.fmt(f),
        }
    }
}
