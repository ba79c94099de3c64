//! All sessions, in memory, with their indexes.

use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

use imbl::{OrdMap, OrdSet};
use jiff::Timestamp;
use roster_domain::{Session, SessionId, TokenDigest, UserId};
use uuid::Uuid;

/// All sessions and their indexes. Like a state, it is cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sessions {
    by_id: OrdMap<SessionId, Arc<Session>>,
    /// Finds the session of a refresh token.
    families: OrdMap<TokenDigest, SessionId>,
    /// Finds the sessions of a user.
    owners: OrdSet<(UserId, SessionId)>,
    /// Finds expired sessions.
    expiries: OrdSet<(Timestamp, SessionId)>,
}

impl Sessions {
    /// The session with this id.
    pub(crate) fn get(&self, id: SessionId) -> Option<&Arc<Session>> {
        self.by_id.get(&id)
    }

    /// The session whose refresh tokens belong to this family.
    pub(crate) fn by_family(&self, family: TokenDigest) -> Option<&Arc<Session>> {
        self.families.get(&family).and_then(|id| self.get(*id))
    }

    /// The sessions of a user, oldest first, since ids are UUIDv7.
    pub(crate) fn of(&self, user: UserId) -> impl Iterator<Item = &Arc<Session>> {
        let (first, last) = (SessionId::from(Uuid::nil()), SessionId::from(Uuid::max()));
        let range = self.owners.range((user, first)..=(user, last));
        range.filter_map(|(_, id)| self.get(*id))
    }

    /// The sessions that have expired by `now`, earliest expiry first.
    pub(crate) fn expired(&self, now: Timestamp) -> impl Iterator<Item = SessionId> {
        self.expiries.iter().take_while(move |(at, _)| *at <= now).map(|(_, id)| *id)
    }

    /// All sessions, by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Session>> {
        self.by_id.values()
    }

    /// The sessions with greater ids, by id.
    pub(crate) fn after(&self, id: Option<SessionId>) -> impl Iterator<Item = &Arc<Session>> {
        self.by_id.range((id.map_or(Unbounded, Excluded), Unbounded)).map(|(_, session)| session)
    }

    /// The number of sessions.
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Adds or replaces the session.
    pub(super) fn put(&mut self, session: &Arc<Session>) {
        let id = session.id;
        let Some(old) = self.by_id.insert(id, Arc::clone(session)) else {
            self.families.insert(session.refresh.family, id);
            self.owners.insert((session.user, id));
            self.expiries.insert((session.expires_at(), id));
            return;
        };
        if old.refresh.family != session.refresh.family {
            self.families.remove(&old.refresh.family);
            self.families.insert(session.refresh.family, id);
        }
        if old.expires_at() != session.expires_at() {
            self.expiries.remove(&(old.expires_at(), id));
            self.expiries.insert((session.expires_at(), id));
        }
    }

    /// Removes the session, if it exists.
    pub(super) fn remove(&mut self, id: SessionId) {
        if let Some(old) = self.by_id.remove(&id) {
            self.families.remove(&old.refresh.family);
            self.owners.remove(&(old.user, id));
            self.expiries.remove(&(old.expires_at(), id));
        }
    }

    /// Removes the sessions of a user, except the one to keep.
    pub(super) fn remove_all_of(&mut self, user: UserId, keep: Option<SessionId>) {
        let ended: Vec<_> = self.of(user).map(|session| session.id).filter(|id| Some(*id) != keep).collect();
        for id in ended {
            self.remove(id);
        }
    }
}
