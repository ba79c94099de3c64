//! Users to store.

use jiff::Timestamp;
use roster_domain::{Action, Actor, AuditId, AuditRecord, Origin, Outcome, Target, User, fixtures};

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

/// The audit record of an action on `target`.
#[must_use]
pub fn record(action: Action, target: impl Into<Target>) -> AuditRecord {
    let target = target.into();
    let id = match target {
        Target::User(id) => *id.as_uuid(),
        Target::ServiceAccount { id, .. } => *id.as_uuid(),
    };
    AuditRecord {
        id: AuditId::from(id),
        at: Timestamp::UNIX_EPOCH,
        actor: Actor::System,
        action,
        target: Some(target),
        session: None,
        signing_key: None,
        outcome: Outcome::Success,
        origin: Origin::default(),
        changed: Vec::new(),
        count: AuditRecord::ONCE,
    }
}
