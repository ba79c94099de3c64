//! Pages of users.
//!
//! A list sorted first by creation time, username or email walks an index from the cursor position, so it costs as
//! much as the page. Any other order visits every user but keeps only the page in memory.

use std::ops::Bound::{Excluded, Included, Unbounded};
use std::sync::Arc;

use jiff::Timestamp;
use roster_domain::{
    Direction, Page, Position, Sort, SortKey, SortValue, User, UserFilter, UserId, UserQuery,
};
use uuid::Uuid;

use super::State;

type Users<'a> = Box<dyn Iterator<Item = &'a Arc<User>> + 'a>;

const FIRST_ID: Uuid = Uuid::nil();
const LAST_ID: Uuid = Uuid::max();

impl State {
    /// The page for the query.
    pub(crate) fn page(&self, query: &UserQuery) -> Page<Arc<User>> {
        let wanted = query.limit.get() + 1;
        let found = if let Some(few) = self.named(&query.filter) {
            smallest(few, query, wanted)
        } else {
            match self.walk(query) {
                Some(walk) if is_settled_by_first_key(&query.sort) => {
                    walk.filter(|user| query.filter.matches(user)).take(wanted).map(Arc::clone).collect()
                }
                Some(walk) => by_groups(walk, query, wanted),
                None => smallest(Box::new(self.iter()), query, wanted),
            }
        };
        into_page(found, query)
    }

    /// Whether the page may visit every user, because of a selective filter or an order without an index, and so
    /// must not run on a thread that others wait for.
    pub(crate) fn may_look_at_everyone(&self, query: &UserQuery) -> bool {
        self.named(&query.filter).is_none() && (!query.filter.is_empty() || self.walk(query).is_none())
    }

    /// The only possible user, or none, if the filter names a unique key.
    fn named(&self, filter: &UserFilter) -> Option<Users<'_>> {
        let owner = if let Some(username) = &filter.username {
            self.username_owner(username.key())
        } else if let Some(email) = &filter.email {
            self.email_owner(email.key())
        } else if let Some(external_id) = &filter.external_id {
            self.external_id_owner(external_id)
        } else {
            return None;
        };
        Some(self.known(owner.into_iter()))
    }

    /// The users in the order of the first sort key, ties by id, if there is an index for it. Starts after the
    /// cursor position, or at the first user with the same first value if further keys matter.
    fn walk(&self, query: &UserQuery) -> Option<Users<'_>> {
        let (key, direction) = *query.sort.keys().first()?;
        let settled = is_settled_by_first_key(&query.sort);
        let place = query.after.as_ref().and_then(|after| {
            // Before the first id of the group, or exactly at the position.
            let id = if settled { after.id } else { UserId::from(FIRST_ID) };
            Some((after.values.first()?, id))
        });
        match (key, direction) {
            (SortKey::CreatedAt, Direction::Ascending) => self.created_up(place),
            (SortKey::CreatedAt, Direction::Descending) => self.created_down(place),
            (SortKey::Username, direction) => self.by_username(place.map(|(value, _)| value), direction),
            (SortKey::Email, Direction::Ascending) => self.by_email_up(place),
            (SortKey::Email, Direction::Descending) => self.by_email_down(place),
            (SortKey::UpdatedAt | SortKey::LastLoginAt | SortKey::DisplayName, _) => None,
        }
    }

    fn created_up(&self, place: Option<(&SortValue, UserId)>) -> Option<Users<'_>> {
        let start = match place {
            None => Unbounded,
            Some((SortValue::Time(at), id)) => Excluded((*at, id)),
            Some(_) => return None,
        };
        Some(self.known(self.created.range((start, Unbounded)).map(|(_, id)| *id)))
    }

    /// Newest first, but users with the same time by ascending id, as everywhere.
    fn created_down(&self, place: Option<(&SortValue, UserId)>) -> Option<Users<'_>> {
        let (at, id) = match place {
            None => (self.created.get_max()?.0, UserId::from(FIRST_ID)),
            Some((SortValue::Time(at), id)) => (*at, id),
            Some(_) => return None,
        };
        let earlier = move |at: &Timestamp| {
            let before = (Unbounded, Excluded((*at, UserId::from(FIRST_ID))));
            self.created.range(before).next_back().map(|(at, _)| *at)
        };
        let instant = move |at: Timestamp, from| {
            self.created.range((from, Included((at, UserId::from(LAST_ID))))).map(|(_, id)| *id)
        };
        let rest = std::iter::successors(earlier(&at), earlier)
            .flat_map(move |at| instant(at, Included((at, UserId::from(FIRST_ID)))));
        Some(self.known(instant(at, Excluded((at, id))).chain(rest)))
    }

    fn by_username(&self, place: Option<&SortValue>, direction: Direction) -> Option<Users<'_>> {
        let start = match place {
            None => Unbounded,
            Some(SortValue::Text(key)) => Excluded(key.as_str()),
            Some(_) => return None,
        };
        Some(match direction {
            Direction::Ascending => {
                self.known(self.usernames.range::<_, str>((start, Unbounded)).map(|(_, id)| *id))
            }
            Direction::Descending => {
                self.known(self.usernames.range::<_, str>((Unbounded, start)).rev().map(|(_, id)| *id))
            }
        })
    }

    /// Users without an address first, by id.
    fn by_email_up(&self, place: Option<(&SortValue, UserId)>) -> Option<Users<'_>> {
        let (absent, present) = match place {
            None => (Some(Unbounded), Unbounded),
            Some((SortValue::Absent, id)) => (Some(Excluded(id)), Unbounded),
            Some((SortValue::Text(key), _)) => (None, Excluded(key.as_str())),
            Some((SortValue::Time(_), _)) => return None,
        };
        let absent = absent.map(|start| self.without_email.range((start, Unbounded)));
        let absent = absent.into_iter().flatten();
        let present = self.emails.range::<_, str>((present, Unbounded)).map(|(_, id)| id);
        Some(self.known(absent.chain(present).copied()))
    }

    /// Users without an address last, by id.
    fn by_email_down(&self, place: Option<(&SortValue, UserId)>) -> Option<Users<'_>> {
        let (present, absent) = match place {
            None => (Some(Unbounded), Unbounded),
            Some((SortValue::Text(key), _)) => (Some(Excluded(key.as_str())), Unbounded),
            Some((SortValue::Absent, id)) => (None, Excluded(id)),
            Some((SortValue::Time(_), _)) => return None,
        };
        let present = present.map(|end| self.emails.range::<_, str>((Unbounded, end)).rev());
        let present = present.into_iter().flatten().map(|(_, id)| id);
        Some(self.known(present.chain(self.without_email.range((absent, Unbounded))).copied()))
    }

    fn known<'a>(&'a self, ids: impl Iterator<Item = UserId> + 'a) -> Users<'a> {
        Box::new(ids.filter_map(|id| self.user(id)))
    }
}

/// Whether the first key, with ties by id, determines the whole order.
fn is_settled_by_first_key(sort: &Sort) -> bool {
    // No two users share a username.
    matches!(sort.keys(), [_] | [(SortKey::Username, _), ..])
}

/// Sorts users with the same first key by the other keys, group by group, until the page is full.
fn by_groups(walk: Users<'_>, query: &UserQuery, wanted: usize) -> Vec<Arc<User>> {
    let Some((key, _)) = query.sort.keys().first() else { return Vec::new() };
    let mut walk = walk.filter(|user| query.filter.matches(user)).peekable();
    let mut found = Vec::new();
    while let Some(first) = walk.next().filter(|_| found.len() < wanted) {
        let value = key.value(first);
        let mut group = vec![first];
        while let Some(next) = walk.next_if(|next| key.value(next) == value) {
            group.push(next);
        }
        found.extend(smallest(Box::new(group.into_iter()), query, wanted - found.len()));
    }
    found
}

/// The first `wanted` users after the cursor position, in order, from `users` in any order.
fn smallest(users: Users<'_>, query: &UserQuery, wanted: usize) -> Vec<Arc<User>> {
    let sort = &query.sort;
    let order = |one: &(Position, &Arc<User>), other: &(Position, &Arc<User>)| sort.compare(&one.0, &other.0);
    let mut found = Vec::new();
    for user in users.filter(|user| query.filter.matches(user)) {
        let position = sort.position(user);
        if query.after.as_ref().is_some_and(|after| sort.compare(&position, after).is_le()) {
            continue;
        }
        found.push((position, user));
        // From time to time, all but the best are dropped: the time stays linear, and the memory is that of a few
        // pages.
        if found.len() > 4 * wanted + 1_024 {
            found.select_nth_unstable_by(wanted, order);
            found.truncate(wanted);
        }
    }
    found.sort_unstable_by(order);
    found.into_iter().take(wanted).map(|(_, user)| Arc::clone(user)).collect()
}

fn into_page(mut found: Vec<Arc<User>>, query: &UserQuery) -> Page<Arc<User>> {
    let more = found.len() > query.limit.get();
    found.truncate(query.limit.get());
    let next = found.last().filter(|_| more).map(|last| query.sort.position(last));
    Page { items: found, next }
}
