//! The part of a page that comes from the index.

use std::sync::Arc;

use roster_domain::{User, UserQuery};

use super::super::State;
use super::condition::Condition;
use super::ranking::{Ranking, Ranks};
use super::smallest::First;

/// How many users are tested in order before all who match are looked for.
const WALKED: usize = 2_048;

/// The users whom the index has, under a query.
pub(super) struct Indexed<'s, 'q> {
    state: &'s State,
    condition: Condition<'s>,
    ranking: Ranking<'s, 'q>,
    /// How many users a walk may test.
    walked: usize,
}

impl<'s, 'q> Indexed<'s, 'q> {
    pub(super) fn new(state: &'s State, query: &'q UserQuery) -> Self {
        let condition = Condition::new(state, &query.filter);
        let ranking = Ranking::new(state, query, &condition);
        let walked = if query.filter.is_empty() { usize::MAX } else { WALKED };
        Self { state, condition, ranking, walked }
    }

    /// Everyone who matches, in any order.
    pub(super) fn matching(&self) -> impl Iterator<Item = &'s Arc<User>> {
        self.condition.slots().filter_map(|slot| self.user(slot))
    }

    /// The first `wanted` users after the cursor, in order.
    pub(super) fn first(&self, wanted: usize) -> Vec<&'s Arc<User>> {
        let walked = if self.ranking.has_one_key() { self.walk(wanted) } else { self.walk_groups(wanted) };
        let slots = walked.unwrap_or_else(|| self.best(self.condition.slots(), wanted));
        slots.into_iter().filter_map(|slot| self.user(slot)).collect()
    }

    /// The first slots in the order of the only key; `None` if it would take too long.
    fn walk(&self, wanted: usize) -> Option<Vec<u32>> {
        let (order, direction) = self.ranking.first_order()?;
        let groups = order.groups(direction, |class| self.ranking.is_class_before_cursor(class));
        let mut found = Vec::new();
        for (walked, slot) in groups.flatten().copied().enumerate() {
            if found.len() == wanted {
                break;
            }
            if walked == self.walked {
                return None;
            }
            if self.condition.holds(slot) && self.ranking.is_after_cursor(&self.ranking.ranks(slot), slot) {
                found.push(slot);
            }
        }
        Some(found)
    }

    /// The same for several keys: those with the same first value are sorted by the others, group by group.
    fn walk_groups(&self, wanted: usize) -> Option<Vec<u32>> {
        let (order, direction) = self.ranking.first_order()?;
        let mut found = Vec::new();
        let mut walked = 0;
        for group in order.groups(direction, |class| self.ranking.is_class_before_cursor(class)) {
            if found.len() == wanted {
                break;
            }
            walked += group.len();
            if walked > self.walked {
                return None;
            }
            let matching = group.iter().copied().filter(|slot| self.condition.holds(*slot));
            found.extend(self.best(matching, wanted - found.len()));
        }
        Some(found)
    }

    /// The first `wanted` of these slots after the cursor, in order.
    fn best(&self, slots: impl Iterator<Item = u32>, wanted: usize) -> Vec<u32> {
        let mut first = First::new(wanted, |one: &(Ranks, u32), other: &(Ranks, u32)| one.cmp(other));
        for slot in slots {
            let ranks = self.ranking.ranks(slot);
            if self.ranking.is_after_cursor(&ranks, slot) {
                first.add((ranks, slot));
            }
        }
        first.sorted().map(|(_, slot)| slot).collect()
    }

    fn user(&self, slot: u32) -> Option<&'s Arc<User>> {
        self.state.user(self.state.index.id(slot)?)
    }
}
