//! The index for lists: all users of one state in every order, with what filters ask for.
//!
//! It is a few flat arrays of numbers and never changes. A state has the index of an earlier state and the [users who
//! changed](super::changed::Changed) since; from time to time, a new index is made of both. So a commit costs a small
//! entry for a user whose indexed values change, and nothing for another one. The arrays take a fraction of the memory
//! of trees, and reading all of one takes milliseconds.
//!
//! A user has a **slot**: the place among all ids. `updated_at` has no order here, since every change of a user would
//! be a change of the index.

mod facts;
mod order;
mod slots;
mod texts;

use std::iter::empty;
use std::panic::resume_unwind;
use std::sync::Arc;

use roster_domain::{SortKey, User, UserId};

pub(super) use facts::FactFilter;
use facts::Facts;
pub(super) use order::Order;
use order::{LowerNames, Sorting};
use slots::Slots;
use texts::Texts;

/// The keys that have an order.
const ORDERED: [SortKey; 5] =
    [SortKey::CreatedAt, SortKey::LastLoginAt, SortKey::Username, SortKey::Email, SortKey::DisplayName];

/// From how many new users on the orders are sorted in several threads.
const MANY: usize = 20_000;

/// All users of a state in every order.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// The ids, by slot.
    ids: Box<[UserId]>,
    /// As in [`ORDERED`].
    orders: [Order; ORDERED.len()],
    facts: Facts,
    texts: Texts,
    /// The number of the last change that it includes.
    through: u64,
}

impl Index {
    /// The index of these users, who are sorted by id.
    pub(super) fn of(users: &[&Arc<User>]) -> Self {
        Self::default().updated(users, empty(), 0)
    }

    /// The index of these users, who are sorted by id: this index, but with `changed`, also sorted, looked up again.
    pub(super) fn updated(
        &self,
        users: &[&Arc<User>],
        changed: impl Iterator<Item = UserId>,
        through: u64,
    ) -> Self {
        let slots = Slots::match_up(&self.ids, users, changed);
        let texts = self.texts.updated(users, &slots);
        let facts = self.facts.updated(users, &slots);
        let orders = self.sorted(users, &slots, &texts);
        Self { ids: users.iter().map(|user| user.id).collect(), orders, facts, texts, through }
    }

    fn sorted(&self, users: &[&Arc<User>], slots: &Slots, texts: &Texts) -> [Order; ORDERED.len()] {
        let sort = |at: usize| {
            let sorting = Sorting { users, names: texts as &dyn LowerNames, key: ORDERED[at] };
            self.orders[at].updated(slots, &sorting)
        };
        if slots.fresh.len() < MANY {
            return std::array::from_fn(sort);
        }
        std::thread::scope(|scope| {
            let sort = &sort;
            let threads = std::array::from_fn::<_, { ORDERED.len() }, _>(|at| scope.spawn(move || sort(at)));
            threads.map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
        })
    }

    /// Everything in it, by id instead of by slot.
    #[cfg(test)]
    pub(crate) fn described(&self) -> String {
        let orders = self.orders.iter().map(Order::described).collect::<Vec<_>>();
        format!("{:?} {orders:?} {:?} {:?}", self.ids, self.facts.described(), self.texts)
    }

    /// The number of the last change that it includes.
    pub(super) const fn through(&self) -> u64 {
        self.through
    }

    /// The number of users.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The user's slot.
    pub(super) fn slot(&self, id: UserId) -> Option<u32> {
        self.ids.binary_search(&id).ok().and_then(|slot| u32::try_from(slot).ok())
    }

    /// The first slot after this id.
    pub(super) fn slot_after(&self, id: UserId) -> u32 {
        u32::try_from(self.ids.partition_point(|known| *known <= id)).unwrap_or(u32::MAX)
    }

    /// The user in this slot.
    pub(super) fn id(&self, slot: u32) -> Option<UserId> {
        self.ids.get(slot as usize).copied()
    }

    /// The order by this key.
    pub(super) fn order(&self, key: SortKey) -> Option<&Order> {
        ORDERED.iter().position(|known| *known == key).map(|at| &self.orders[at])
    }

    /// What filters ask for.
    pub(super) const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The texts to search.
    pub(super) const fn texts(&self) -> &Texts {
        &self.texts
    }
}
