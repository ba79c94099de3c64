//! Users to store.

use jiff::Timestamp;
use roster_domain::{Action, Actor, AuditRecord, Target, User, fixtures};
use std::sync::atomic::{AtomicU64, Ordering};

/// Creates users that differ in every unique value. The same number gives the same user.
#[derive(Clone, Copy, Debug)]
pub struct People;

impl People {
    /// The user with this number; a larger number has a later creation time.
    #[must_use]
    pub fn nth(self, number: u32) -> User {
        fixtures::user(number)
    }

    /// The user with this number, as an administrator.
    #[must_use]
    pub fn admin(self, number: u32) -> User {
        fixtures::administrator(number)
    }
}

/// The audit record of an action on `target`. Each record has an id of its own, as in a running server.
#[must_use]
pub fn record(action: Action, target: impl Into<Target>) -> AuditRecord {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut random = [0; 10];
    random[2..].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    let record = AuditRecord::new(Timestamp::UNIX_EPOCH, random, Actor::System, action);
    AuditRecord { target: Some(target.into()), ..record }
}
