//! The audit log: who did what to whom, when, from where, and with what outcome.

mod words;

pub use words::{Action, Field, Outcome};

use crate::{ApiKeyId, AuditId, KeyId, OsUser, RequestId, ServiceAccountId, SessionId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::num::NonZeroU32;
use uuid::Uuid;

/// One line of the audit log. It names fields, never values, and people by id only, so that it may be kept
/// after a person is erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Identifies the record.
    pub id: AuditId,
    /// When it was decided.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub action: Action,
    /// To whom, where it was a known user or machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Which of their sessions it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// Which key for access tokens it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_key: Option<KeyId>,
    /// How it ended.
    pub outcome: Outcome,
    /// From where.
    #[serde(flatten)]
    pub origin: Origin,
    /// The fields that changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<Field>,
    /// How often: failed logins are counted for a while and written down together.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub count: NonZeroU32,
}

const fn once() -> NonZeroU32 {
    AuditRecord::ONCE
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_once(count: &NonZeroU32) -> bool {
    *count == AuditRecord::ONCE
}

impl AuditRecord {
    /// The `count` of what happened one time, which is nearly everything.
    pub const ONCE: NonZeroU32 = NonZeroU32::MIN;
}

/// Whom the audit log names as the one who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// Somebody who did not say who they are.
    Anonymous,
    /// A user.
    User(UserId),
    /// A machine.
    ServiceAccount {
        /// Its account.
        id: ServiceAccountId,
        /// The key that it showed.
        key: ApiKeyId,
    },
    /// Whoever ran the command line.
    Operator,
    /// Roster itself, at start.
    System,
}

impl Actor {
    /// What kind of actor it is: `anonymous`, `user`, `service_account`, `operator` or `system`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::User(_) => "user",
            Self::ServiceAccount { .. } => "service_account",
            Self::Operator => "operator",
            Self::System => "system",
        }
    }

    /// Which one of its kind, where there is more than one.
    #[must_use]
    pub const fn id(self) -> Option<Uuid> {
        match self {
            Self::User(id) => Some(*id.as_uuid()),
            Self::ServiceAccount { id, .. } => Some(*id.as_uuid()),
            Self::Anonymous | Self::Operator | Self::System => None,
        }
    }

    /// The API key that a machine showed.
    #[must_use]
    pub const fn key(self) -> Option<ApiKeyId> {
        match self {
            Self::ServiceAccount { key, .. } => Some(key),
            Self::Anonymous | Self::User(_) | Self::Operator | Self::System => None,
        }
    }
}

/// To whom something was done. A user is stored as their plain id, a machine as an object that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Target {
    /// A user.
    User(UserId),
    /// A machine, or one of its keys.
    ServiceAccount {
        /// Its account.
        #[serde(rename = "service_account")]
        id: ServiceAccountId,
        /// The key, where it is about one.
        #[serde(default, rename = "api_key", skip_serializing_if = "Option::is_none")]
        key: Option<ApiKeyId>,
    },
}

impl Target {
    /// What kind of target it is: `user` or `service_account`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::ServiceAccount { .. } => "service_account",
        }
    }

    /// Which one of its kind.
    #[must_use]
    pub const fn id(self) -> Uuid {
        match self {
            Self::User(id) => *id.as_uuid(),
            Self::ServiceAccount { id, .. } => *id.as_uuid(),
        }
    }

    /// The API key that it is about.
    #[must_use]
    pub const fn key(self) -> Option<ApiKeyId> {
        match self {
            Self::User(_) => None,
            Self::ServiceAccount { key, .. } => key,
        }
    }
}

impl From<UserId> for Target {
    fn from(id: UserId) -> Self {
        Self::User(id)
    }
}

impl From<ServiceAccountId> for Target {
    fn from(id: ServiceAccountId) -> Self {
        Self::ServiceAccount { id, key: None }
    }
}

/// Where a request came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The client's address, as far as trusted proxies vouch for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// The id that the request's answer and log line carry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<RequestId>,
    /// Who ran the command, if it came from the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os_user: Option<OsUser>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_one_flat_line() {
        let record = AuditRecord {
            id: AuditId::new(Timestamp::UNIX_EPOCH, [1; 10]),
            at: Timestamp::UNIX_EPOCH,
            actor: Actor::Operator,
            action: Action::UserUpdated,
            target: Some(UserId::new(Timestamp::UNIX_EPOCH, [2; 10]).into()),
            session: None,
            signing_key: None,
            outcome: Outcome::Success,
            origin: Origin {
                ip: Some([127, 0, 0, 1].into()),
                request_id: RequestId::new("r-1").ok(),
                ..Origin::default()
            },
            changed: vec![Field::Email],
            count: AuditRecord::ONCE,
        };
        let line = serde_json::to_string(&record).unwrap();
        assert!(line.ends_with(r#""ip":"127.0.0.1","request_id":"r-1","changed":["email"]}"#), "{line}");
        assert_eq!(serde_json::from_str::<AuditRecord>(&line).unwrap(), record);
        let os_user = OsUser::new("anna").ok();
        let by_command = AuditRecord { origin: Origin { os_user, ..Origin::default() }, ..record.clone() };
        let line = serde_json::to_string(&by_command).unwrap();
        assert!(line.contains(r#""os_user":"anna""#), "{line}");
        assert_eq!(serde_json::from_str::<AuditRecord>(&line).unwrap(), by_command);
        let often = AuditRecord { count: NonZeroU32::new(7).unwrap(), ..record };
        let line = serde_json::to_string(&often).unwrap();
        assert!(line.ends_with(r#","count":7}"#), "{line}");
        assert_eq!(serde_json::from_str::<AuditRecord>(&line).unwrap(), often);
    }

    #[test]
    fn a_machine_is_named_by_its_account_and_its_key() {
        let (id, key) = (
            ServiceAccountId::new(Timestamp::UNIX_EPOCH, [1; 10]),
            ApiKeyId::new(Timestamp::UNIX_EPOCH, [2; 10]),
        );
        let stored = serde_json::to_value(Actor::ServiceAccount { id, key }).unwrap();
        let named = serde_json::json!({ "service_account": { "id": id, "key": key } });
        assert_eq!(stored, named);
        for (target, text) in [
            (Target::from(UserId::from(*id.as_uuid())), serde_json::json!(id)),
            (Target::from(id), serde_json::json!({ "service_account": id })),
            (
                Target::ServiceAccount { id, key: Some(key) },
                serde_json::json!({ "service_account": id, "api_key": key }),
            ),
        ] {
            assert_eq!(serde_json::to_value(target).unwrap(), text);
            assert_eq!(serde_json::from_value::<Target>(text).unwrap(), target);
        }
    }
}
