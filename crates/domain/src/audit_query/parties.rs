//! Actors and targets in queries of the audit log.

use crate::{Actor, ApiKeyId, AuditRecord, CodedError, KeyId, UserId};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;
use uuid::Uuid;

/// The actors that a query is about: a kind with a single member, or one actor by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActorFilter {
    /// Callers without authentication.
    Anonymous,
    /// The operator at the command line.
    Operator,
    /// Roster itself.
    System,
    /// The actor with this id, of any kind; the id of an API key stands for what was done with it.
    Id(Uuid),
}

/// The target that a query is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TargetFilter {
    /// The user, service account, API key, session or job with this id.
    Id(Uuid),
    /// The signing key with this name.
    SigningKey(KeyId),
}

/// Why a text does not name an actor.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("an actor is an id, or one of: anonymous, operator, system")]
pub struct ActorFilterError;

/// Why a text does not name a target.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a target is an id, a UUID with hyphens, or the kid of a key that signs access tokens")]
pub struct TargetFilterError;

impl ActorFilter {
    pub(super) fn matches(self, actor: Actor) -> bool {
        match actor {
            Actor::Anonymous => self == Self::Anonymous,
            Actor::Operator => self == Self::Operator,
            Actor::System => self == Self::System,
            Actor::User(id) => self == Self::Id(*id.as_uuid()),
            Actor::ServiceAccount { id, key } => match self {
                Self::Id(wanted) => is_meant(*id.as_uuid(), Some(key), wanted),
                Self::Anonymous | Self::Operator | Self::System => false,
            },
        }
    }
}

impl TargetFilter {
    pub(super) fn matches(&self, record: &AuditRecord) -> bool {
        match self {
            Self::Id(wanted) => {
                record.target.is_some_and(|to| is_meant(to.id(), to.key(), *wanted))
                    || record.session.is_some_and(|session| session.as_uuid() == wanted)
                    || record.job.is_some_and(|job| job.as_uuid() == wanted)
            }
            Self::SigningKey(wanted) => record.signing_key.as_ref() == Some(wanted),
        }
    }
}

/// Whether a service account is meant, by its own id or by its key's.
fn is_meant(id: Uuid, key: Option<ApiKeyId>, wanted: Uuid) -> bool {
    id == wanted || key.is_some_and(|key| *key.as_uuid() == wanted)
}

impl FromStr for ActorFilter {
    type Err = ActorFilterError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "anonymous" => Ok(Self::Anonymous),
            "operator" => Ok(Self::Operator),
            "system" => Ok(Self::System),
            id => id.parse::<UserId>().map(|id| Self::Id(*id.as_uuid())).map_err(|_| ActorFilterError),
        }
    }
}

impl FromStr for TargetFilter {
    type Err = TargetFilterError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(id) = text.parse::<UserId>() {
            return Ok(Self::Id(*id.as_uuid()));
        }
        let kid = KeyId::new(text).ok().filter(KeyId::is_thumbprint);
        kid.map(Self::SigningKey).ok_or(TargetFilterError)
    }
}

impl fmt::Display for TargetFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.hyphenated().fmt(f),
            Self::SigningKey(kid) => f.write_str(kid.as_str()),
        }
    }
}

impl fmt::Display for ActorFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Operator => f.write_str("operator"),
            Self::System => f.write_str("system"),
            Self::Id(id) => id.hyphenated().fmt(f),
        }
    }
}

impl CodedError for ActorFilterError {
    fn code(&self) -> &'static str {
        "actor_invalid"
    }
}

impl CodedError for TargetFilterError {
    fn code(&self) -> &'static str {
        "id_invalid"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn user() -> UserId {
        UserId::new(Timestamp::UNIX_EPOCH, [1; 10])
    }

    #[test]
    fn an_actor_is_a_name_or_an_id() {
        for text in ["anonymous", "operator", "system", &user().to_string()] {
            assert_eq!(text.parse::<ActorFilter>().unwrap().to_string(), text);
        }
        for text in ["", "user", "Anonymous", "ada", "0198d7a2"] {
            assert_eq!(text.parse::<ActorFilter>(), Err(ActorFilterError), "{text}");
        }
    }
    #[test]
    fn a_target_is_an_id_or_the_name_of_a_signing_key() {
        for text in [&user().to_string(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"] {
            assert_eq!(text.parse::<TargetFilter>().unwrap().to_string(), *text);
        }
        for text in ["", "ada", "operator", "kPrK_qmx", "0198d7a2"] {
            assert_eq!(text.parse::<TargetFilter>(), Err(TargetFilterError), "{text}");
        }
    }
}
