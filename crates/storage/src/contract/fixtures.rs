//! People to store.

use jiff::Timestamp;
use roster_domain::{Action, Actor, AuditId, AuditRecord, Origin, Outcome, Target, User, fixtures};

/// Makes people who differ in everything that must be unique. The same number makes the same person.
#[derive(Clone, Copy, Debug)]
pub struct People;

impl People {
    /// The person with this number; a larger number is created later.
    #[must_use]
    pub fn nth(self, number: u32) -> User {
        fixtures::user(number)
    }

    /// The person with this number, as an administrator.
    #[must_use]
    pub fn admin(self, number: u32) -> User {
        fixtures::administrator(number)
    }
}

/// The audit record of something done to `target`.
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
