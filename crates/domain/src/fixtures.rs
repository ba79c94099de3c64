//! Values for tests, also those of other crates (feature `fixtures`).
#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a test fails by panicking")]

use crate::{EmailAddress, RoleSet, User, UserId, Username};
use jiff::{SignedDuration, Timestamp};

/// An active user with the role `user` and no password. Users with different numbers differ in everything that must be
/// unique; a larger number was created later.
#[must_use]
pub fn user(number: u32) -> User {
    let at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_700_000_000 + i64::from(number));
    let mut random = [0; 10];
    random[6..].copy_from_slice(&number.to_be_bytes());
    let username = Username::new(format!("person{number}")).expect("a plain name");
    let user = User::new(UserId::new(at, random), username, RoleSet::ordinary(), at);
    user.with(|user| user.email = EmailAddress::new(format!("person{number}@example.com")).ok())
}

/// The same user as an administrator.
#[must_use]
pub fn administrator(number: u32) -> User {
    let User { id, username, email, created_at, .. } = user(number);
    User::new(id, username, RoleSet::administrator(), created_at).with(|user| user.email = email)
}

impl User {
    /// The user after `change`.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}
