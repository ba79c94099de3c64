//! The users who changed since the index was built.

use imbl::OrdMap;
use roster_domain::{User, UserId};

use super::index::Index;

/// The users whose indexed values changed since the index was built, whether they still exist or not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changed {
    users: OrdMap<UserId, Change>,
    /// Counts all changes of indexed values.
    count: u64,
}

/// The last change of a user.
#[derive(Debug, Clone, Copy)]
struct Change {
    /// Its number.
    number: u64,
    /// Where the index has the user.
    slot: Option<u32>,
}

impl Changed {
    /// Notes a change from `old` to `new`, if it concerns the index.
    pub(super) fn note(&mut self, index: &Index, id: UserId, old: Option<&User>, new: Option<&User>) {
        if let (Some(old), Some(new)) = (old, new)
            && has_same_values(old, new)
        {
            return;
        }
        self.count += 1;
        let number = self.count;
        match self.users.get_mut(&id) {
            Some(change) => change.number = number,
            None => drop(self.users.insert(id, Change { number, slot: index.slot(id) })),
        }
    }

    /// Forgets the changes that `index` has, which takes the place of the previous one.
    pub(super) fn remove_indexed(&mut self, index: &Index) {
        let later = self.users.iter().filter(|(_, change)| change.number > index.through());
        self.users = later.map(|(id, change)| (*id, Change { slot: index.slot(*id), ..*change })).collect();
    }

    /// The number of changes so far.
    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// The number of users who changed.
    pub(super) fn len(&self) -> usize {
        self.users.len()
    }

    /// The users who changed, by id.
    pub(super) fn ids(&self) -> impl Iterator<Item = UserId> {
        self.users.keys().copied()
    }

    /// Where the index has those who changed.
    pub(super) fn slots(&self) -> impl Iterator<Item = u32> {
        self.users.values().filter_map(|change| change.slot)
    }
}

/// Whether two states of a user agree in everything that the index has.
fn has_same_values(old: &User, new: &User) -> bool {
    old.last_login_at == new.last_login_at
        && old.created_at == new.created_at
        && old.status.kind() == new.status.kind()
        && old.username == new.username
        && old.email == new.email
        && old.display_name == new.display_name
        && old.roles() == new.roles()
}
