//! The users by their unique names.
//!
//! Most names are in hash tables of small numbers that never change, made of an earlier state; those given since are in
//! maps. An entry of a table is a hint: the user whom it names may have another name now, or be gone. So a removed name
//! needs no entry anywhere.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use hashbrown::HashTable;
use imbl::OrdMap;
use roster_domain::{ExternalId, User, UserId};

/// A canonical key, shared with its user. It is cheap to clone, because changing a map copies the neighbouring keys.
type Key = Arc<str>;

/// A kind of unique names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameKind {
    Username,
    Email,
    ExternalId,
    Alias,
}

/// The users by their unique names.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    known: Arc<KnownNames>,
    /// By kind: the names given since the tables were made.
    recent: [OrdMap<Key, Owner>; NameKind::ALL.len()],
    /// Counts the names that were given.
    count: u64,
}

/// Who has a name.
#[derive(Debug, Clone, Copy)]
struct Owner {
    id: UserId,
    /// The number of the change.
    number: u64,
}

/// The names of one state.
#[derive(Debug, Default)]
pub(crate) struct KnownNames {
    ids: Box<[UserId]>,
    /// By kind: places in `ids`.
    tables: [HashTable<u32>; NameKind::ALL.len()],
    /// Seeded, so that nobody can choose names that collide.
    hasher: RandomState,
    /// The number of the last change that it includes.
    through: u64,
}

/// Two users have the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SharedName;

impl NameKind {
    const ALL: [Self; 4] = [Self::Username, Self::Email, Self::ExternalId, Self::Alias];

    fn of(self, user: &User) -> Option<&Key> {
        match self {
            Self::Username => Some(user.username.key().as_shared()),
            Self::Email => user.email.as_ref().map(|email| email.key().as_shared()),
            Self::ExternalId => user.external_id.as_ref().map(ExternalId::as_shared),
            Self::Alias => user.login_alias.as_ref().map(|alias| alias.key().as_shared()),
        }
    }
}

impl Names {
    /// The names of users of whom no two share one.
    pub(super) fn of(known: KnownNames) -> Self {
        Self { count: known.through, known: Arc::new(known), ..Self::default() }
    }

    /// The user with this name. `user` is the current state of a user.
    pub(super) fn owner<'a>(
        &self,
        kind: NameKind,
        name: &str,
        user: impl Fn(UserId) -> Option<&'a Arc<User>>,
    ) -> Option<UserId> {
        let recent = self.recent[kind as usize].get(name).map(|owner| owner.id);
        let has_it = |id: UserId| user(id).and_then(|user| kind.of(user)).is_some_and(|own| **own == *name);
        recent.or_else(|| self.known.find(kind, name, has_it))
    }

    /// Whether nobody has a name of this kind. It may say no although the last one was removed.
    pub(super) fn has_none(&self, kind: NameKind) -> bool {
        self.recent[kind as usize].is_empty() && self.known.tables[kind as usize].is_empty()
    }

    /// Changes the names of a user from those of `old` to those of `new`.
    pub(super) fn change(&mut self, id: UserId, old: Option<&User>, new: Option<&User>) {
        for kind in NameKind::ALL {
            let (old, new) = (old.and_then(|user| kind.of(user)), new.and_then(|user| kind.of(user)));
            if old == new {
                continue;
            }
            let recent = &mut self.recent[kind as usize];
            if let Some(old) = old {
                recent.remove(old);
            }
            if let Some(new) = new {
                self.count += 1;
                recent.insert(Arc::clone(new), Owner { id, number: self.count });
            }
        }
    }

    /// Uses tables that were made of the present state or an earlier one.
    pub(super) fn use_known(&mut self, known: &Arc<KnownNames>) {
        for recent in &mut self.recent {
            let later = recent.iter().filter(|(_, owner)| owner.number > known.through);
            *recent = later.map(|(name, owner)| (Arc::clone(name), *owner)).collect();
        }
        self.known = Arc::clone(known);
    }

    /// The number of names given since the tables were made, and of users in them.
    pub(super) fn age(&self) -> (usize, usize) {
        (self.recent.iter().map(OrdMap::len).sum(), self.known.ids.len())
    }

    /// The number of names given so far.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }
}

impl KnownNames {
    /// The names of these users, at this change.
    ///
    /// # Errors
    /// [`SharedName`], if two of them have the same name.
    pub(super) fn of(users: &[&Arc<User>], through: u64) -> Result<Self, SharedName> {
        let ids = users.iter().map(|user| user.id).collect();
        let mut known = Self { ids, through, ..Self::default() };
        for kind in NameKind::ALL {
            known.tables[kind as usize] = known.table(kind, users)?;
        }
        Ok(known)
    }

    fn table(&self, kind: NameKind, users: &[&Arc<User>]) -> Result<HashTable<u32>, SharedName> {
        let named = || users.iter().zip(0_u32..).filter_map(|(user, at)| Some((kind.of(user)?, at)));
        let name = |at: u32| users.get(at as usize).and_then(|user| kind.of(user));
        let mut table = HashTable::with_capacity(named().count());
        for (own, at) in named() {
            let hash = self.hash(own);
            if table.find(hash, |other| name(*other) == Some(own)).is_some() {
                return Err(SharedName);
            }
            table.insert_unique(hash, at, |other| name(*other).map_or(0, |name| self.hash(name)));
        }
        Ok(table)
    }

    fn find(&self, kind: NameKind, name: &str, has_it: impl Fn(UserId) -> bool) -> Option<UserId> {
        let id = |at: u32| self.ids.get(at as usize).copied();
        let found = self.tables[kind as usize].find(self.hash(name), |at| id(*at).is_some_and(&has_it));
        found.and_then(|at| id(*at))
    }

    fn hash(&self, name: &str) -> u64 {
        self.hasher.hash_one(name)
    }
}
