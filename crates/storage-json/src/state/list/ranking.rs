//! The order of a query, as numbers: users are compared without looking at them.

use roster_domain::{Direction, SortKey, SortValue, UserQuery};

use super::super::State;
use super::super::index::Order;
use super::condition::Condition;

/// A number for each key, negative if the order is descending: the user with the lesser numbers comes first.
pub(super) type Ranks = [i128; SortKey::ALL.len()];

/// The order of a query.
pub(super) struct Ranking<'s, 'q> {
    state: &'s State,
    keys: &'q [(SortKey, Direction)],
    /// The position of the cursor: its ranks, and the first slot that is after it among those with the same ranks.
    after: Option<(Ranks, u32)>,
}

impl<'s, 'q> Ranking<'s, 'q> {
    pub(super) fn new(state: &'s State, query: &'q UserQuery, condition: &Condition<'_>) -> Self {
        let ranking = Self { state, keys: query.sort.keys(), after: None };
        let after = query.after.as_ref().map(|after| {
            let mut values = after.values.iter();
            let ranks = ranking.ranks_by(|key| ranking.rank_of_value(key, values.next(), condition));
            (ranks, state.index.slot_after(after.id))
        });
        Self { after, ..ranking }
    }

    /// The order by the first key.
    pub(super) fn first_order(&self) -> Option<(&'s Order, Direction)> {
        let (key, direction) = *self.keys.first()?;
        Some((self.state.index.order(key)?, direction))
    }

    /// Whether users with the same first value are ordered by their ids.
    pub(super) const fn has_one_key(&self) -> bool {
        self.keys.len() == 1
    }

    pub(super) fn ranks(&self, slot: u32) -> Ranks {
        self.ranks_by(|key| self.rank(key, slot))
    }

    /// Whether this place is after the cursor.
    pub(super) fn is_after_cursor(&self, ranks: &Ranks, slot: u32) -> bool {
        self.after.as_ref().is_none_or(|(after, first)| ranks.cmp(after).then(slot.cmp(first)).is_ge())
    }

    /// Whether everyone with this class, under the first key, is before the cursor.
    pub(super) fn is_class_before_cursor(&self, class: u32) -> bool {
        let direction = self.keys.first().map_or(Direction::Ascending, |(_, direction)| *direction);
        self.after.as_ref().is_some_and(|(after, _)| directed(rank_of_class(class), direction) < after[0])
    }

    fn ranks_by(&self, mut rank: impl FnMut(SortKey) -> i128) -> Ranks {
        let mut ranks = Ranks::default();
        for (place, (key, direction)) in ranks.iter_mut().zip(self.keys) {
            *place = directed(rank(*key), *direction);
        }
        ranks
    }

    fn rank(&self, key: SortKey, slot: u32) -> i128 {
        match self.state.index.order(key) {
            Some(order) => rank_of_class(order.class(slot)),
            None => self.value(key, slot).map_or(0, |value| rank_of_time(&value)),
        }
    }

    /// The rank of the cursor's value. It need not be anybody's value any more.
    fn rank_of_value(&self, key: SortKey, value: Option<&SortValue>, condition: &Condition<'_>) -> i128 {
        let Some(value) = value else { return 0 };
        let Some(order) = self.state.index.order(key) else { return rank_of_time(value) };
        // The current value of a user who changed does not fit into the order.
        let current = |slot| self.value(key, slot).filter(|_| condition.is_current(slot));
        match order.first_not(|slot| current(slot).map(|known| known < *value)) {
            None => i128::from(u64::MAX),
            Some(slot) => {
                let is_equal = current(slot).as_ref() == Some(value);
                rank_of_class(order.class(slot)) - i128::from(!is_equal)
            }
        }
    }

    fn value(&self, key: SortKey, slot: u32) -> Option<SortValue> {
        self.state.user(self.state.index.id(slot)?).map(|user| key.value(user))
    }
}

/// There is one number between two classes, for a value that nobody has.
fn rank_of_class(class: u32) -> i128 {
    2 * i128::from(class)
}

fn rank_of_time(value: &SortValue) -> i128 {
    match value {
        SortValue::Time(time) => time.as_nanosecond(),
        SortValue::Absent | SortValue::Text(_) => 0,
    }
}

const fn directed(rank: i128, direction: Direction) -> i128 {
    match direction {
        Direction::Ascending => rank,
        Direction::Descending => -rank,
    }
}
