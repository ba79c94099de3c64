//! The cache: what is kept, how it is found, and what an invalidation removes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use quick_cache::sync::Cache;
use roster_domain::{ApiKeyPrefix, ServiceAccount, ServiceAccountId, Session, SessionId, User, UserId};
use roster_storage::{Entity, Invalidate, UserSession};

use crate::clock::MonotonicClock;
use crate::entries::{Entries, Slot, Vacancy};
use crate::metrics::{CacheMetrics, Counters};
use crate::settings::CacheSettings;
use crate::size;

/// Users, sessions and service accounts that were read before.
///
/// An entry is used until its entity is invalidated or its time is over, whichever is first. A read that began before an
/// invalidation is never kept: its placeholder is inserted before the read begins, and the invalidation removes it.
pub struct ReadCache {
    users: Entries<UserId, KnownUser>,
    sessions: Entries<SessionId, KnownSession>,
    accounts: Entries<ServiceAccountId, Arc<ServiceAccount>>,
    /// The owners of API keys. An entry is only a hint: the account says whether it has the key.
    key_owners: Cache<ApiKeyPrefix, ServiceAccountId>,
    next_stamp: AtomicU64,
    counters: Counters,
    clock: Arc<dyn MonotonicClock>,
}

/// A user who was read at some time.
#[derive(Clone)]
pub(crate) struct KnownUser {
    user: Arc<User>,
    /// Differs from that of every other read.
    stamp: Stamp,
}

/// A session that was read together with its user. It is only valid while the cache has that very read of the user: what
/// ends all sessions of a user need not know them, and only removes the user.
#[derive(Clone)]
pub(crate) struct KnownSession {
    session: Arc<Session>,
    user: Stamp,
}

/// Identifies a read of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp(u64);

/// What the cache knows about a user.
pub(crate) enum UserLookup<'c> {
    Found(Arc<User>),
    /// The caller reads the user, and fills the placeholder if there is one.
    Missing(Option<UserPlaceholder<'c>>),
}

/// What the cache knows about a session and its user.
pub(crate) enum SessionLookup<'c> {
    Found(UserSession),
    /// The caller reads both together, and fills the placeholders.
    Missing(SessionPlaceholders<'c>),
}

/// What the cache knows about a service account.
pub(crate) enum AccountLookup<'c> {
    Found(Arc<ServiceAccount>),
    /// The caller reads the account, and fills the placeholder if there is one.
    Missing(Option<AccountPlaceholder<'c>>),
}

/// The placeholder of a user who is being read, or whose next state is being committed.
pub(crate) struct UserPlaceholder<'c> {
    vacancy: Vacancy<'c, UserId, KnownUser>,
    stamp: Stamp,
}

/// The placeholders of a session and a user who are being read.
pub(crate) struct SessionPlaceholders<'c> {
    user: Option<UserPlaceholder<'c>>,
    session: Option<(Vacancy<'c, SessionId, KnownSession>, Stamp)>,
}

/// The placeholder of a service account that is being read.
pub(crate) struct AccountPlaceholder<'c> {
    vacancy: Vacancy<'c, ServiceAccountId, Arc<ServiceAccount>>,
    id: ServiceAccountId,
}

/// How many owners of API keys are known.
const KEY_OWNERS: usize = 8192;
/// The usual size of an entry in bytes.
const USUAL: u64 = 1024;

impl ReadCache {
    /// An empty cache.
    #[must_use]
    pub fn new(settings: CacheSettings) -> Self {
        let CacheSettings { ttl, bytes, clock } = settings;
        let share = bytes / 8;
        Self {
            users: Entries::new(4 * share, USUAL, ttl),
            sessions: Entries::new(3 * share, USUAL, ttl),
            accounts: Entries::new(share, USUAL, ttl),
            key_owners: Cache::new(KEY_OWNERS),
            next_stamp: AtomicU64::new(0),
            counters: Counters::default(),
            clock,
        }
    }

    /// What the cache has done since it was created, and what it holds now.
    #[must_use]
    pub fn metrics(&self) -> CacheMetrics {
        let Counters { users, sessions, service_accounts, invalidations, clears } = &self.counters;
        CacheMetrics {
            users: users.with_entries(self.users.len(), self.users.bytes()),
            sessions: sessions.with_entries(self.sessions.len(), self.sessions.bytes()),
            service_accounts: service_accounts.with_entries(self.accounts.len(), self.accounts.bytes()),
            invalidations: invalidations.get(),
            clears: clears.get(),
        }
    }

    /// Looks a user up.
    pub(crate) fn user(&self, id: UserId) -> UserLookup<'_> {
        let now = self.clock.now();
        let lookup = match self.users.get(&id, now) {
            Some(known) => UserLookup::Found(known.user),
            None => match self.user_slot(id, now) {
                UserSlot::Found(known) => UserLookup::Found(known.user),
                UserSlot::Vacant(placeholder) => UserLookup::Missing(Some(placeholder)),
                UserSlot::Busy => UserLookup::Missing(None),
            },
        };
        match lookup {
            UserLookup::Found(_) => self.counters.users.hits.increment(),
            UserLookup::Missing(_) => self.counters.users.misses.increment(),
        }
        lookup
    }

    /// The placeholder for the next state of a user who is kept, while it is committed. `None` if the user is not kept.
    pub(crate) fn next_user(&self, id: UserId) -> Option<UserPlaceholder<'_>> {
        let vacancy = self.users.replace(&id, self.clock.now())?;
        Some(UserPlaceholder { vacancy, stamp: self.new_stamp() })
    }

    /// Looks a session and its user up.
    pub(crate) fn user_session(&self, id: SessionId, user: UserId) -> SessionLookup<'_> {
        let now = self.clock.now();
        let known = self.users.get(&user, now);
        if let Some(known_user) = &known
            && let Some(known_session) = self.sessions.get(&id, now)
            && known_session.user == known_user.stamp
        {
            self.counters.sessions.hits.increment();
            return SessionLookup::Found((known_session.session, Arc::clone(&known_user.user)));
        }
        self.counters.sessions.misses.increment();
        // The placeholder of the user comes first: what ends the session from now on removes either of the placeholders.
        let (user, stamp) = match known.map_or_else(|| self.user_slot(user, now), UserSlot::Found) {
            UserSlot::Found(known) => (None, Some(known.stamp)),
            UserSlot::Vacant(placeholder) => {
                let stamp = placeholder.stamp;
                (Some(placeholder), Some(stamp))
            }
            UserSlot::Busy => (None, None),
        };
        let session =
            stamp.and_then(|stamp| match self.sessions.slot(&id, now, |known| known.user == stamp) {
                Slot::Vacant(vacancy) => Some((vacancy, stamp)),
                Slot::Found(_) | Slot::Busy => None,
            });
        SessionLookup::Missing(SessionPlaceholders { user, session })
    }

    /// Looks a service account up.
    pub(crate) fn account(&self, id: ServiceAccountId) -> AccountLookup<'_> {
        self.counted_account(self.account_if(id, |_| true))
    }

    /// Looks up the service account that has a key with this prefix.
    pub(crate) fn account_by_key_prefix(&self, prefix: &ApiKeyPrefix) -> AccountLookup<'_> {
        let has_key = |account: &Arc<ServiceAccount>| account.key_by_prefix(prefix).is_some();
        let owner = self.key_owners.get(prefix);
        let lookup = owner.map_or(AccountLookup::Missing(None), |id| self.account_if(id, has_key));
        self.counted_account(lookup)
    }

    /// Remembers who has the key with this prefix. The account itself is kept the next time that it is read: until then
    /// its id was unknown, so that no invalidation could have removed its placeholder.
    pub(crate) fn note_key_owner(&self, prefix: ApiKeyPrefix, account: &ServiceAccount) {
        self.key_owners.insert(prefix, account.id);
    }

    fn account_if(
        &self,
        id: ServiceAccountId,
        is_valid: impl Fn(&Arc<ServiceAccount>) -> bool,
    ) -> AccountLookup<'_> {
        let now = self.clock.now();
        if let Some(account) = self.accounts.get(&id, now).filter(&is_valid) {
            return AccountLookup::Found(account);
        }
        match self.accounts.slot(&id, now, is_valid) {
            Slot::Found(account) => AccountLookup::Found(account),
            Slot::Vacant(vacancy) => AccountLookup::Missing(Some(AccountPlaceholder { vacancy, id })),
            Slot::Busy => AccountLookup::Missing(None),
        }
    }

    fn counted_account<'c>(&'c self, lookup: AccountLookup<'c>) -> AccountLookup<'c> {
        match lookup {
            AccountLookup::Found(_) => self.counters.service_accounts.hits.increment(),
            AccountLookup::Missing(_) => self.counters.service_accounts.misses.increment(),
        }
        lookup
    }

    fn user_slot(&self, id: UserId, now: Instant) -> UserSlot<'_> {
        match self.users.slot(&id, now, |_| true) {
            Slot::Found(known) => UserSlot::Found(known),
            Slot::Vacant(vacancy) => UserSlot::Vacant(UserPlaceholder { vacancy, stamp: self.new_stamp() }),
            Slot::Busy => UserSlot::Busy,
        }
    }

    fn new_stamp(&self) -> Stamp {
        Stamp(self.next_stamp.fetch_add(1, Ordering::Relaxed))
    }
}

/// The result of looking up a user.
enum UserSlot<'c> {
    Found(KnownUser),
    Vacant(UserPlaceholder<'c>),
    Busy,
}

impl UserPlaceholder<'_> {
    /// Keeps the user who was read or committed.
    pub(crate) fn fill(self, user: &Arc<User>) {
        self.vacancy.fill(KnownUser { user: Arc::clone(user), stamp: self.stamp }, size::of_user(user));
    }
}

impl SessionPlaceholders<'_> {
    /// Keeps the session and the user that were read.
    pub(crate) fn fill(self, (session, user): &UserSession) {
        if let Some(placeholder) = self.user {
            placeholder.fill(user);
        }
        if let Some((vacancy, stamp)) = self.session {
            let known = KnownSession { session: Arc::clone(session), user: stamp };
            vacancy.fill(known, size::of_session(session));
        }
    }
}

impl AccountPlaceholder<'_> {
    /// Keeps the account that was read, if it is the expected one.
    pub(crate) fn fill(self, account: &Arc<ServiceAccount>) {
        if account.id == self.id {
            self.vacancy.fill(Arc::clone(account), size::of_account(account));
        }
    }
}

impl Invalidate for ReadCache {
    fn invalidate(&self, entity: Entity) {
        self.counters.invalidations.increment();
        match entity {
            Entity::User(id) => self.users.remove(&id),
            Entity::Session(id) => self.sessions.remove(&id),
            Entity::ServiceAccount(id) => self.accounts.remove(&id),
        }
    }

    fn invalidate_all(&self) {
        self.counters.clears.increment();
        self.users.clear();
        self.sessions.clear();
        self.accounts.clear();
    }
}
