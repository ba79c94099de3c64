//! Queries for users: filters, orders and pages.

mod page;
mod sort;

pub use page::{Limit, LimitError, Page};
pub use sort::{Direction, Position, Sort, SortError, SortKey, SortValue};

use crate::cursor::{ListName, Paged};
use crate::{EmailAddress, ExternalId, RoleName, StatusKind, User, Username};

/// A query for a list of users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserQuery {
    /// The filter.
    pub filter: UserFilter,
    /// The order.
    pub sort: Sort,
    /// The page size.
    pub limit: Limit,
    /// Only users after this position in the order.
    pub after: Option<Position>,
}

/// Which users a list contains: those who match every given condition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// The status.
    pub status: Option<StatusKind>,
    /// A role.
    pub role: Option<RoleName>,
    /// The email address, compared by key.
    pub email: Option<EmailAddress>,
    /// The username, compared by key.
    pub username: Option<Username>,
    /// The external id.
    pub external_id: Option<ExternalId>,
    /// A part of the username, email address or display name, in any case.
    pub text: Option<String>,
}

impl UserFilter {
    /// Whether `user` matches every condition.
    #[must_use]
    pub fn matches(&self, user: &User) -> bool {
        self.status.is_none_or(|status| user.status.kind() == status)
            && self.role.as_ref().is_none_or(|role| user.roles().contains(role.as_str()))
            && self
                .email
                .as_ref()
                .is_none_or(|email| user.email.as_ref().map(EmailAddress::key) == Some(email.key()))
            && self.username.as_ref().is_none_or(|name| user.username.key() == name.key())
            && self.external_id.as_ref().is_none_or(|id| user.external_id.as_ref() == Some(id))
            && self.text.as_ref().is_none_or(|text| Self::mentions(user, &text.to_lowercase()))
    }

    /// Whether there are no conditions.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn mentions(user: &User, lower: &str) -> bool {
        let holds = |text: &str| text.to_lowercase().contains(lower);
        holds(user.username.as_str())
            || user.email.as_ref().is_some_and(|email| holds(email.as_str()))
            || user.display_name.as_ref().is_some_and(|name| holds(name.as_str()))
    }
}

impl Paged for UserQuery {
    type Position = Position;

    fn name(&self, name: &mut ListName) {
        let filter = &self.filter;
        name.part(filter.status.map(StatusKind::as_str));
        name.part(filter.role.as_ref().map(RoleName::as_str));
        name.part(filter.email.as_ref().map(|email| email.key().as_str()));
        name.part(filter.username.as_ref().map(|username| username.key().as_str()));
        name.part(filter.external_id.as_ref().map(ExternalId::as_str));
        name.part(filter.text.as_deref());
        for key in self.sort.keys() {
            name.part(Some(&format!("{key:?}")));
        }
    }

    fn has_place(&self, place: &Position) -> bool {
        place.values.len() == self.sort.keys().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::user as a_user;

    #[test]
    fn text_is_found_in_any_case() {
        let filter = UserFilter { text: Some("PERSON1@".into()), ..UserFilter::default() };
        assert!(filter.matches(&a_user(1)));
        assert!(!filter.matches(&a_user(2)));
    }
}
