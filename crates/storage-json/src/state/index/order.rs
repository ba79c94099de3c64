//! An order of the users by one key.

use std::cmp::Ordering;
use std::iter::once;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use roster_domain::{Direction, EmailAddress, SortKey, User};

use super::slots::{Slots, UNKNOWN};

/// The users by the value of one key, ties by id.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// The slots in this order.
    slots: Box<[u32]>,
    /// For each slot, the place of its value among all different values.
    classes: Box<[u32]>,
}

/// The display names in lower case.
pub(super) trait LowerNames: Sync {
    /// The name of the user in this slot; empty if there is none.
    fn lower_name(&self, slot: u32) -> &str;
}

/// What new users are sorted by.
pub(super) struct Sorting<'a> {
    pub(super) users: &'a [&'a Arc<User>],
    pub(super) names: &'a dyn LowerNames,
    pub(super) key: SortKey,
}

/// A slot with the beginning of its value: most values differ there, so that few users are looked at.
struct Entry {
    beginning: [u64; 2],
    /// Whether the beginning is all of the value.
    is_whole: bool,
    slot: u32,
}

/// The value of a user. The absent ones come first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Value<'a> {
    Absent,
    Time(Timestamp),
    Text(&'a str),
}

impl Order {
    /// This order with other slots, and with the fresh ones where they belong.
    pub(super) fn updated(&self, slots: &Slots, sorting: &Sorting<'_>) -> Self {
        let fresh = sorting.sort(&slots.fresh);
        let kept = self.slots.iter().map(|slot| slots.new[*slot as usize]).filter(|slot| *slot != UNKNOWN);
        let kept: Vec<_> = kept.collect();
        if kept.is_empty() {
            return Self::of(&fresh, sorting);
        }
        let order = merge(&kept, &fresh, sorting);
        let classes = self.classes_of(&order, slots, sorting);
        Self { slots: order, classes }
    }

    /// The order of these users only.
    fn of(sorted: &[Entry], sorting: &Sorting<'_>) -> Self {
        let mut classes = vec![0; sorted.len()].into_boxed_slice();
        let mut class = 0;
        for (one, next) in sorted.iter().zip(sorted.iter().skip(1)) {
            class += u32::from(one.compare_values(next, sorting).is_ne());
            classes[next.slot as usize] = class;
        }
        Self { slots: sorted.iter().map(|entry| entry.slot).collect(), classes }
    }

    fn classes_of(&self, order: &[u32], slots: &Slots, sorting: &Sorting<'_>) -> Box<[u32]> {
        let before = |slot: u32| {
            let old = slots.old[slot as usize];
            (old != UNKNOWN).then(|| self.classes[old as usize])
        };
        let mut classes = vec![0; order.len()].into_boxed_slice();
        let mut class = 0;
        for (one, next) in order.iter().zip(order.iter().skip(1)) {
            let is_same = match (before(*one), before(*next)) {
                (Some(one), Some(next)) => one == next,
                _ => sorting.value(*one) == sorting.value(*next),
            };
            class += u32::from(!is_same);
            classes[*next as usize] = class;
        }
        classes
    }

    #[cfg(test)]
    pub(super) fn described(&self) -> String {
        format!("{self:?}")
    }

    /// The place of a slot's value among all different values.
    pub(crate) fn class(&self, slot: u32) -> u32 {
        self.classes.get(slot as usize).copied().unwrap_or_default()
    }

    /// The first slot, in this order, that `is_before` says is not before something; it says nothing about slots whose
    /// values are unknown.
    pub(crate) fn first_not(&self, is_before: impl Fn(u32) -> Option<bool>) -> Option<u32> {
        let known = |at: usize| is_before(self.slots[at]).map(|before| (at, before));
        let (mut low, mut high, mut found) = (0, self.slots.len(), None);
        while low < high {
            let middle = usize::midpoint(low, high);
            match (middle..high).find_map(known) {
                Some((at, true)) => low = at + 1,
                Some((at, false)) => (high, found) = (middle, Some(self.slots[at])),
                None => high = middle,
            }
        }
        found
    }

    /// The groups of users with the same value from the class that `is_before` does not hold for, in this direction.
    pub(crate) fn groups(&self, direction: Direction, is_before: impl Fn(u32) -> bool) -> Groups<'_> {
        let class = |slot: &u32| self.class(*slot);
        let range = match direction {
            Direction::Ascending => {
                self.slots.partition_point(|slot| is_before(class(slot)))..self.slots.len()
            }
            Direction::Descending => 0..self.slots.partition_point(|slot| !is_before(class(slot))),
        };
        Groups { order: self, range, direction }
    }
}

/// See [`Order::groups`]. Within a group, users are sorted by id.
pub(crate) struct Groups<'a> {
    order: &'a Order,
    range: Range<usize>,
    direction: Direction,
}

impl<'a> Iterator for Groups<'a> {
    type Item = &'a [u32];

    fn next(&mut self) -> Option<&'a [u32]> {
        let slots = self.order.slots.get(self.range.clone())?;
        let class = |slot: &u32| self.order.class(*slot);
        match self.direction {
            Direction::Ascending => {
                let this = class(slots.first()?);
                // Most groups have one member.
                let is_alone = slots.get(1).is_none_or(|next| class(next) != this);
                let len = if is_alone { 1 } else { slots.partition_point(|slot| class(slot) <= this) };
                self.range.start += len;
                Some(&slots[..len])
            }
            Direction::Descending => {
                let this = class(slots.last()?);
                let last = slots.len() - 1;
                let is_alone = last == 0 || class(&slots[last - 1]) != this;
                let start = if is_alone { last } else { slots.partition_point(|slot| class(slot) < this) };
                self.range.end = self.range.start + start;
                Some(&slots[start..])
            }
        }
    }
}

/// Inserts the few `fresh` slots into the many that are sorted already.
fn merge(kept: &[u32], fresh: &[Entry], sorting: &Sorting<'_>) -> Box<[u32]> {
    let mut order = Vec::with_capacity(kept.len() + fresh.len());
    let mut rest = kept;
    for Entry { slot, .. } in fresh {
        let (before, after) =
            rest.split_at(rest.partition_point(|other| sorting.compare(*other, *slot).is_lt()));
        order.extend(before.iter().chain(once(slot)));
        rest = after;
    }
    order.extend(rest);
    order.into_boxed_slice()
}

impl Sorting<'_> {
    /// The slots in order.
    fn sort(&self, slots: &[u32]) -> Vec<Entry> {
        let mut sorted: Vec<_> = slots.iter().map(|slot| self.entry(*slot)).collect();
        sorted.sort_unstable_by(|one, other| one.compare_values(other, self).then(one.slot.cmp(&other.slot)));
        sorted
    }

    fn entry(&self, slot: u32) -> Entry {
        let (beginning, is_whole) = self.value(slot).beginning();
        Entry { beginning, is_whole, slot }
    }

    /// The order of two users, ties by id.
    fn compare(&self, one: u32, other: u32) -> Ordering {
        self.value(one).cmp(&self.value(other)).then(one.cmp(&other))
    }

    fn value(&self, slot: u32) -> Value<'_> {
        let user = self.users[slot as usize];
        match self.key {
            SortKey::CreatedAt => Value::Time(user.created_at),
            SortKey::UpdatedAt => Value::Time(user.updated_at),
            SortKey::LastLoginAt => user.last_login_at.map_or(Value::Absent, Value::Time),
            SortKey::Username => Value::Text(user.username.key().as_str()),
            SortKey::Email => text(user.email.as_ref().map_or("", |email| EmailAddress::key(email).as_str())),
            SortKey::DisplayName => text(self.names.lower_name(slot)),
        }
    }
}

fn text(text: &str) -> Value<'_> {
    if text.is_empty() { Value::Absent } else { Value::Text(text) }
}

impl Entry {
    fn compare_values(&self, other: &Self, sorting: &Sorting<'_>) -> Ordering {
        self.beginning.cmp(&other.beginning).then_with(|| {
            if self.is_whole && other.is_whole {
                return Ordering::Equal;
            }
            sorting.value(self.slot).cmp(&sorting.value(other.slot))
        })
    }
}

impl Value<'_> {
    /// The first bytes, as numbers, and whether that is all of it. A greater value has no smaller beginning.
    fn beginning(&self) -> ([u64; 2], bool) {
        match self {
            Self::Absent => ([0; 2], true),
            Self::Time(time) => {
                let whole = time.as_second().cast_unsigned() ^ (1 << 63);
                // Both parts of a time before 1970 are negative.
                ([whole, (i64::from(time.subsec_nanosecond()) + i64::from(i32::MAX)).cast_unsigned()], true)
            }
            Self::Text(text) => {
                let half = |from: usize| {
                    let mut bytes = [0; 8];
                    let given = text.bytes().skip(from);
                    bytes.iter_mut().zip(given).for_each(|(byte, given)| *byte = given);
                    u64::from_be_bytes(bytes)
                };
                ([half(0), half(8)], text.len() <= 16)
            }
        }
    }
}
