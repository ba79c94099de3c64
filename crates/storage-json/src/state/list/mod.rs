//! Pages of users.
//!
//! A page is made of two parts: those whom the [index](super::index) has, and those who changed since it was built.
//! The index is walked in order if enough users match; otherwise all who match are found first, and then sorted. For an
//! order that begins with `updated_at`, everyone who matches is looked at.

mod condition;
mod indexed;
mod ranking;
mod smallest;

use std::sync::Arc;

use roster_domain::{Page, SortKey, User, UserFilter, UserId, UserQuery};

use super::State;
use indexed::Indexed;
use smallest::{Users, smallest};

/// How many users a thread that others wait for may look at.
const FEW: usize = 64;

impl State {
    /// The page for the query.
    pub(crate) fn page(&self, query: &UserQuery) -> Page<Arc<User>> {
        let wanted = query.limit.get() + 1;
        let found = match self.named(&query.filter) {
            Some(few) => smallest(few, query, wanted),
            None => self.listed(query, wanted),
        };
        into_page(found.into_iter().map(Arc::clone).collect(), query)
    }

    /// Whether the page may visit many users, so that it must not be made on a thread that others wait for.
    pub(crate) fn may_look_at_many(&self, query: &UserQuery) -> bool {
        let is_short_walk = match query.sort.keys() {
            [(SortKey::UpdatedAt, _), ..] => false,
            [_] | [(SortKey::Username, _), ..] => query.filter.is_empty() && self.changed.len() <= FEW,
            _ => false,
        };
        !is_short_walk && self.named(&query.filter).is_none()
    }

    fn listed<'a>(&'a self, query: &UserQuery, wanted: usize) -> Vec<&'a Arc<User>> {
        let indexed = Indexed::new(self, query);
        let changed = self.known(self.changed.ids());
        if query.sort.keys().first().is_some_and(|(key, _)| *key == SortKey::UpdatedAt) {
            if query.filter.is_empty() {
                return smallest(Box::new(self.iter()), query, wanted);
            }
            let matching = indexed.matching().chain(changed).collect::<Vec<_>>();
            return smallest(Box::new(matching.into_iter()), query, wanted);
        }
        let found = indexed.first(wanted);
        if self.changed.len() == 0 {
            return found;
        }
        // The page may contain users of both parts.
        let recent = smallest(changed, query, wanted);
        smallest(Box::new(found.into_iter().chain(recent)), query, wanted)
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

    fn known<'a>(&'a self, ids: impl Iterator<Item = UserId> + 'a) -> Users<'a> {
        Box::new(ids.filter_map(|id| self.user(id)))
    }
}

fn into_page(mut found: Vec<Arc<User>>, query: &UserQuery) -> Page<Arc<User>> {
    let more = found.len() > query.limit.get();
    found.truncate(query.limit.get());
    let next = found.last().filter(|_| more).map(|last| query.sort.position(last));
    Page { items: found, next }
}
