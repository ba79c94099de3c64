//! Orders of a list of users.

use crate::{CodedError, User, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use thiserror::Error;

/// A position in a sorted list: the sort values of a user, and the id that breaks ties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// One value for each sort key.
    pub values: Vec<SortValue>,
    /// The user at this position.
    pub id: UserId,
}

/// A sort key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// `created_at`
    CreatedAt,
    /// `updated_at`
    UpdatedAt,
    /// `last_login_at`; users who never logged in come first.
    LastLoginAt,
    /// `username`, by its key.
    Username,
    /// `email`, by its key; users without one come first.
    Email,
    /// `display_name`, in lower case; users without one come first.
    DisplayName,
}

/// The direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// The value of a user under one sort key. Texts are compared by their bytes, so the order is the same in every
/// engine and locale.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortValue {
    /// The field is null.
    #[serde(rename = "n")]
    Absent,
    /// A time.
    #[serde(rename = "t")]
    Time(Timestamp),
    /// A canonical key.
    #[serde(rename = "s")]
    Text(String),
}

/// An order: one or more keys, most significant first. Ties are broken by id, ascending.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sort(Vec<(SortKey, Direction)>);

/// Why an order is invalid.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SortError {
    /// An unknown key.
    #[error("no sort key {0:?}; known are {known}, each with - before it for descending", known = SortKey::known())]
    UnknownKey(String),
    /// A repeated key.
    #[error("{0:?} is given twice")]
    Twice(String),
}

impl SortKey {
    /// All keys.
    pub const ALL: [Self; 6] =
        [Self::CreatedAt, Self::UpdatedAt, Self::LastLoginAt, Self::Username, Self::Email, Self::DisplayName];

    /// The name in requests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::LastLoginAt => "last_login_at",
            Self::Username => "username",
            Self::Email => "email",
            Self::DisplayName => "display_name",
        }
    }

    /// The value of `user` under this key.
    #[must_use]
    pub fn value(self, user: &User) -> SortValue {
        let text = |text: &str| SortValue::Text(text.to_owned());
        match self {
            Self::CreatedAt => SortValue::Time(user.created_at),
            Self::UpdatedAt => SortValue::Time(user.updated_at),
            Self::LastLoginAt => user.last_login_at.map_or(SortValue::Absent, SortValue::Time),
            Self::Username => text(user.username.key().as_str()),
            Self::Email => user.email.as_ref().map_or(SortValue::Absent, |email| text(email.key().as_str())),
            Self::DisplayName => user
                .display_name
                .as_ref()
                .map_or(SortValue::Absent, |name| text(&name.as_str().to_lowercase())),
        }
    }

    fn known() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }
}

impl Sort {
    /// Parses text such as `-created_at,username`.
    ///
    /// # Errors
    /// [`SortError`] with the unknown or repeated key.
    pub fn parse(text: &str) -> Result<Self, SortError> {
        let mut keys: Vec<(SortKey, Direction)> = Vec::new();
        for part in text.split(',') {
            let (name, direction) = match part.strip_prefix('-') {
                Some(name) => (name, Direction::Descending),
                None => (part, Direction::Ascending),
            };
            let key = SortKey::ALL
                .into_iter()
                .find(|key| key.as_str() == name)
                .ok_or_else(|| SortError::UnknownKey(name.to_owned()))?;
            if keys.iter().any(|(known, _)| *known == key) {
                return Err(SortError::Twice(name.to_owned()));
            }
            keys.push((key, direction));
        }
        Ok(Self(keys))
    }

    /// The keys, most significant first.
    #[must_use]
    pub fn keys(&self) -> &[(SortKey, Direction)] {
        &self.0
    }

    /// The order of users who are equal under the first key; `None` if only their ids decide.
    #[must_use]
    pub fn rest(&self) -> Option<Self> {
        let rest = self.0.get(1..).filter(|rest| !rest.is_empty())?;
        Some(Self(rest.to_vec()))
    }

    /// The position of `user` in this order.
    #[must_use]
    pub fn position(&self, user: &User) -> Position {
        Position { values: self.0.iter().map(|(key, _)| key.value(user)).collect(), id: user.id }
    }

    /// Compares two positions in this order.
    #[must_use]
    pub fn compare(&self, one: &Position, other: &Position) -> Ordering {
        for ((_, direction), (a, b)) in self.0.iter().zip(one.values.iter().zip(&other.values)) {
            let order = match direction {
                Direction::Ascending => a.cmp(b),
                Direction::Descending => b.cmp(a),
            };
            if order.is_ne() {
                return order;
            }
        }
        one.id.cmp(&other.id)
    }
}

impl Default for Sort {
    /// Oldest first.
    fn default() -> Self {
        Self(vec![(SortKey::CreatedAt, Direction::Ascending)])
    }
}

impl CodedError for SortError {
    fn code(&self) -> &'static str {
        "sort_invalid"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DisplayName;
    use crate::fixtures::user as a_user;

    #[test]
    fn an_order_is_read_with_its_directions() {
        let sort = Sort::parse("-created_at,username").unwrap();
        assert_eq!(
            sort.keys(),
            [(SortKey::CreatedAt, Direction::Descending), (SortKey::Username, Direction::Ascending)]
        );
    }

    #[test]
    fn the_rest_of_an_order_lacks_its_first_key() {
        let rest = Sort::parse("-created_at,username").unwrap().rest();
        assert_eq!(rest, Sort::parse("username").ok());
        assert_eq!(rest.unwrap().rest(), None);
    }

    #[test]
    fn an_unknown_or_repeated_key_is_named() {
        assert_eq!(Sort::parse("age"), Err(SortError::UnknownKey("age".into())));
        assert_eq!(Sort::parse(""), Err(SortError::UnknownKey(String::new())));
        assert_eq!(Sort::parse("email,-email"), Err(SortError::Twice("email".into())));
        assert!(Sort::parse("age").unwrap_err().to_string().contains("created_at, updated_at"));
    }

    #[test]
    fn ties_are_broken_by_id() {
        let sort = Sort::parse("-display_name").unwrap();
        let (one, two) = (sort.position(&a_user(1)), sort.position(&a_user(2)));
        assert_eq!(sort.compare(&one, &two), Ordering::Less);
    }

    #[test]
    fn users_without_a_value_come_first() {
        let sort = Sort::parse("display_name").unwrap();
        let mut named = a_user(1);
        named.display_name = Some(DisplayName::new("A").unwrap());
        assert_eq!(sort.compare(&sort.position(&a_user(2)), &sort.position(&named)), Ordering::Less);
    }
}
