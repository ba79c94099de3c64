//! Selects the first users of an order.

use std::cmp::Ordering;
use std::sync::Arc;

use roster_domain::{Position, User, UserQuery};

/// Users in any order.
pub(super) type Users<'a> = Box<dyn Iterator<Item = &'a Arc<User>> + 'a>;

/// Keeps the first `wanted` items of any number.
pub(super) struct First<T, C> {
    items: Vec<T>,
    wanted: usize,
    compare: C,
}

impl<T, C: Fn(&T, &T) -> Ordering> First<T, C> {
    pub(super) const fn new(wanted: usize, compare: C) -> Self {
        Self { items: Vec::new(), wanted, compare }
    }

    pub(super) fn add(&mut self, item: T) {
        self.items.push(item);
        // From time to time, all but the first are dropped: the time stays linear, and the memory is that of a few
        // pages.
        if self.items.len() > 4 * self.wanted + 1_024 {
            self.items.select_nth_unstable_by(self.wanted, &self.compare);
            self.items.truncate(self.wanted);
        }
    }

    /// The items, in order.
    pub(super) fn sorted(mut self) -> impl Iterator<Item = T> {
        self.items.sort_unstable_by(&self.compare);
        self.items.into_iter().take(self.wanted)
    }
}

/// The first `wanted` users after the cursor position, in order, from `users` in any order.
pub(super) fn smallest<'a>(users: Users<'a>, query: &UserQuery, wanted: usize) -> Vec<&'a Arc<User>> {
    let sort = &query.sort;
    let order = |one: &(Position, _), other: &(Position, _)| sort.compare(&one.0, &other.0);
    let mut first = First::new(wanted, order);
    for user in users.filter(|user| query.filter.matches(user)) {
        let position = sort.position(user);
        if query.after.as_ref().is_none_or(|after| sort.compare(&position, after).is_gt()) {
            first.add((position, user));
        }
    }
    first.sorted().map(|(_, user)| user).collect()
}
