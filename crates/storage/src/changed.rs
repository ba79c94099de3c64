//! What a unit of work changes, by id: what a copy in memory must not show any more.

use std::fmt;
use std::str::FromStr;

use roster_domain::{ServiceAccountId, SessionId, UserId};
use thiserror::Error;
use uuid::Uuid;

use crate::{Change, Guard, UnitOfWork};

/// Something that is read by its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entity {
    /// A user and all of their sessions.
    User(UserId),
    /// A session.
    Session(SessionId),
    /// A service account and its keys.
    ServiceAccount(ServiceAccountId),
}

/// A text that does not name an entity.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("expected u, s or a, and the 32 hexadecimal digits of an id")]
pub struct EntityError;

/// Keeps copies of entities until it hears that they have changed.
pub trait Invalidate: Send + Sync + 'static {
    /// The entity may have changed. A read of it that began before must not be kept.
    fn invalidate(&self, entity: Entity);

    /// Any entity may have changed.
    fn invalidate_all(&self);
}

/// Informs the other servers that use the same store.
pub trait Announce: Send + Sync + 'static {
    /// These entities may have changed. Returns at once; the message is sent afterwards.
    fn announce(&self, changed: &[Entity]);
}

impl UnitOfWork {
    /// The entities that this unit changes. Some of them may appear several times.
    pub fn changed(&self) -> impl Iterator<Item = Entity> {
        self.changes().iter().map(|change| match change {
            Change::PutUser(user) => Entity::User(user.id),
            Change::RemoveUser(user) | Change::RemoveSessionsOf { user, .. } => Entity::User(*user),
            Change::PutSession(session) => Entity::Session(session.id),
            Change::RemoveSession(session) => Entity::Session(*session),
            Change::PutServiceAccount(account) => Entity::ServiceAccount(account.id),
            Change::RemoveServiceAccount(account) => Entity::ServiceAccount(*account),
        })
    }

    /// The entities that this unit was decided from. If a guard fails, a copy of one of them is out of date.
    pub fn guarded(&self) -> impl Iterator<Item = Entity> {
        self.guards().iter().filter_map(|guard| match guard {
            Guard::UserAbsent(user)
            | Guard::UserVersion(user, _)
            | Guard::UsernameFree(_, user)
            | Guard::EmailFree(_, user)
            | Guard::ExternalIdFree(_, user)
            | Guard::AliasFree(_, user)
            | Guard::CredentialIs(user, _)
            | Guard::LastLoginIs(user, _)
            | Guard::AuthEpoch(user, _)
            | Guard::AnotherAdminRemains(user)
            | Guard::SessionCount(user, _) => Some(Entity::User(*user)),
            Guard::RefreshTokenLive(session, _)
            | Guard::SessionExists(session)
            | Guard::SessionOver(session, _) => Some(Entity::Session(*session)),
            Guard::ServiceAccountVersion(account, _)
            | Guard::ServiceAccountNameFree(_, account)
            | Guard::ApiKeyPrefixFree(_, account)
            | Guard::ApiKeyGood(account, _)
            | Guard::LastKeyUseIs(account, _) => Some(Entity::ServiceAccount(*account)),
            Guard::NoActiveAdmin => None,
        })
    }
}

/// The form in messages between servers.
impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, id) = match self {
            Self::User(id) => ('u', id.as_uuid()),
            Self::Session(id) => ('s', id.as_uuid()),
            Self::ServiceAccount(id) => ('a', id.as_uuid()),
        };
        write!(f, "{kind}{}", id.simple())
    }
}

impl Entity {
    /// The length of the form in messages, in bytes.
    pub const TEXT_LEN: usize = 33;
}

impl FromStr for Entity {
    type Err = EntityError;

    fn from_str(text: &str) -> Result<Self, EntityError> {
        let (kind, id) = text.split_at_checked(1).ok_or(EntityError)?;
        let id = Uuid::try_parse(id).ok().filter(|_| text.len() == Self::TEXT_LEN).ok_or(EntityError)?;
        match kind {
            "u" => Ok(Self::User(id.into())),
            "s" => Ok(Self::Session(id.into())),
            "a" => Ok(Self::ServiceAccount(id.into())),
            _ => Err(EntityError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_is_read_as_it_was_written() {
        let id = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
        for entity in [Entity::User(id.into()), Entity::Session(id.into()), Entity::ServiceAccount(id.into())]
        {
            let text = entity.to_string();
            assert_eq!(text.len(), Entity::TEXT_LEN);
            assert_eq!(text.parse(), Ok(entity));
        }
        for bad in ["", "u", "é", "x01900000000070008000000000000001", "u0190000000007000800000000000000"] {
            assert_eq!(bad.parse::<Entity>(), Err(EntityError), "{bad}");
        }
    }
}
