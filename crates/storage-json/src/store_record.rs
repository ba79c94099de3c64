//! Audit records of actions of the store itself.

use jiff::Timestamp;
use roster_domain::{Action, Actor, AuditId, AuditRecord, Origin, Outcome};

/// The record of an action that has no target.
pub(crate) fn store_record(actor: Actor, action: Action, at: Timestamp, random: [u8; 10]) -> AuditRecord {
    AuditRecord {
        id: AuditId::new(at, random),
        at,
        actor,
        action: action.into(),
        target: None,
        session: None,
        signing_key: None,
        outcome: Outcome::Success.into(),
        origin: Origin::default(),
        changed: Vec::new(),
        count: AuditRecord::ONCE,
    }
}
