//! The order of the items of a restore, and the words for those that break it.

use std::fmt::Display;

use roster_domain::AuditPosition;
use roster_storage::{RestoreError, StoredItem};

/// The greatest number of an audit record that a store assigns: the greatest that every JSON reader keeps.
pub const LAST_NUMBER: u64 = (1 << 53) - 1;

/// Checks that audit records come with increasing numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestoreOrder {
    last: u64,
}

impl RestoreOrder {
    /// Goes on after the record with this number.
    #[must_use]
    pub const fn after(last: u64) -> Self {
        Self { last }
    }

    /// Accepts the number of the next audit record.
    ///
    /// # Errors
    /// [`RestoreError::Order`] if a store never assigns it, or it does not follow the one before.
    pub fn accept(&mut self, position: AuditPosition, record: impl Display) -> Result<(), RestoreError> {
        let number = position.get();
        if number > LAST_NUMBER {
            return Err(RestoreError::Order(format!(
                "audit record {record} has the number {number}, which Roster never assigns"
            )));
        }
        if number <= self.last {
            return Err(RestoreError::Order(format!("audit record {record} is out of order")));
        }
        self.last = number;
        Ok(())
    }
}

/// What an item is called in errors, such as `user 0190a3e4-…`.
#[must_use]
pub fn item_name(item: &StoredItem) -> String {
    match item {
        StoredItem::User(user) => format!("user {}", user.id),
        StoredItem::ServiceAccount(account) => format!("service account {}", account.id),
        StoredItem::Session(session) => format!("session {}", session.id),
        StoredItem::Audit(_, record) => format!("audit record {}", record.id),
    }
}

/// The error of an item that is there already.
#[must_use]
pub fn occurs_twice(item: &StoredItem) -> RestoreError {
    RestoreError::Order(format!("{} occurs twice", item_name(item)))
}

/// The error of a session whose user is missing.
#[must_use]
pub fn has_no_user(item: &StoredItem) -> RestoreError {
    RestoreError::Order(format!("{} has no user", item_name(item)))
}
