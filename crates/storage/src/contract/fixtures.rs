//! People to store.

use jiff::{SignedDuration, Timestamp};
use roster_domain::{
    Action, Actor, Attributes, AuditId, AuditRecord, AuthEpoch, Credential, EmailAddress, Origin, Outcome,
    RoleSet, Status, Target, User, UserId, Username, Version,
};

/// Makes people who differ in everything that must be unique. The same number makes the same person.
#[derive(Clone, Copy, Debug)]
pub struct People;

impl People {
    /// The person with this number; a larger number is created later.
    #[must_use]
    pub fn nth(self, number: u32) -> User {
        let at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_700_000_000 + i64::from(number));
        let mut random = [0; 10];
        random[6..].copy_from_slice(&number.to_be_bytes());
        User {
            id: UserId::new(at, random),
            username: Username::new(format!("person{number}")).expect("a plain name"),
            email: EmailAddress::new(format!("person{number}@example.com")).ok(),
            email_verified: false,
            display_name: None,
            status: Status::Active,
            roles: RoleSet::ordinary(),
            attributes: Attributes::default(),
            external_id: None,
            login_alias: None,
            created_at: at,
            updated_at: at,
            last_login_at: None,
            version: Version::FIRST,
            auth_epoch: AuthEpoch::FIRST,
            credential: Credential::None,
            must_change_password: false,
        }
    }

    /// The person with this number, as an administrator.
    #[must_use]
    pub fn admin(self, number: u32) -> User {
        User { roles: RoleSet::administrator(), ..self.nth(number) }
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
