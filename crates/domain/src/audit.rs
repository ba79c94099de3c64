//! The audit log: who did what to whom, when, from where, and with what outcome.

mod words;

pub use words::{Action, Outcome};

use crate::{
    ApiKeyId, AuditId, Field, JobId, KeyId, OsUser, RequestId, ServiceAccountId, SessionId, UserId, Word,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::num::NonZeroU32;
use uuid::Uuid;

/// A record of the audit log. It names fields but never values, and users by id only, so that it can be kept after a
/// user is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Identifies the record.
    pub id: AuditId,
    /// When the decision was made.
    pub at: Timestamp,
    /// Who acted.
    pub actor: Actor,
    /// What was done.
    pub action: Word<Action>,
    /// The user or service account that it was done to, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// The session that it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// The signing key that it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_key: Option<KeyId>,
    /// The job that it was about. Such a record has no target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<JobId>,
    /// The outcome.
    pub outcome: Word<Outcome>,
    /// Where the request came from.
    #[serde(flatten)]
    pub origin: Origin,
    /// The fields that changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<Word<Field>>,
    /// The number of occurrences: failed logins are counted for a while and recorded together.
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
    /// The `count` of a single occurrence, which is nearly every record.
    pub const ONCE: NonZeroU32 = NonZeroU32::MIN;

    /// The record of a successful action without a target, decided at `at`. `random` makes its id unique.
    #[must_use]
    pub fn new(at: Timestamp, random: [u8; 10], actor: Actor, action: Action) -> Self {
        Self {
            id: AuditId::new(at, random),
            at,
            actor,
            action: action.into(),
            target: None,
            session: None,
            signing_key: None,
            job: None,
            outcome: Outcome::Success.into(),
            origin: Origin::default(),
            changed: Vec::new(),
            count: Self::ONCE,
        }
    }
}

/// The actor of an audit record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A caller without authentication.
    Anonymous,
    /// A user.
    User(UserId),
    /// A service account.
    ServiceAccount {
        /// The account.
        id: ServiceAccountId,
        /// The key that was used.
        key: ApiKeyId,
    },
    /// The operator at the command line.
    Operator,
    /// Roster itself.
    System,
}

impl Actor {
    /// The kind of actor: `anonymous`, `user`, `service_account`, `operator` or `system`.
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

    /// The actor's id, if its kind has several members.
    #[must_use]
    pub const fn id(self) -> Option<Uuid> {
        match self {
            Self::User(id) => Some(*id.as_uuid()),
            Self::ServiceAccount { id, .. } => Some(*id.as_uuid()),
            Self::Anonymous | Self::Operator | Self::System => None,
        }
    }

    /// The API key that a service account used.
    #[must_use]
    pub const fn key(self) -> Option<ApiKeyId> {
        match self {
            Self::ServiceAccount { key, .. } => Some(key),
            Self::Anonymous | Self::User(_) | Self::Operator | Self::System => None,
        }
    }
}

/// The target of an action. A user is stored as a plain id, a service account as an object that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Target {
    /// A user.
    User(UserId),
    /// A service account or one of its keys.
    ServiceAccount {
        /// The account.
        #[serde(rename = "service_account")]
        id: ServiceAccountId,
        /// The key, if the action is about one.
        #[serde(default, rename = "api_key", skip_serializing_if = "Option::is_none")]
        key: Option<ApiKeyId>,
    },
}

impl Target {
    /// The kind of target: `user` or `service_account`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::ServiceAccount { .. } => "service_account",
        }
    }

    /// The target's id.
    #[must_use]
    pub const fn id(self) -> Uuid {
        match self {
            Self::User(id) => *id.as_uuid(),
            Self::ServiceAccount { id, .. } => *id.as_uuid(),
        }
    }

    /// The API key that the action is about.
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

/// The origin of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The client's address, as far as trusted proxies report it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// The request's id, as in the response and the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<RequestId>,
    /// The operating-system user who ran the command, at the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os_user: Option<OsUser>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_one_flat_line() {
        let record = AuditRecord {
            target: Some(UserId::new(Timestamp::UNIX_EPOCH, [2; 10]).into()),
            origin: Origin {
                ip: Some([127, 0, 0, 1].into()),
                request_id: RequestId::new("r-1").ok(),
                ..Origin::default()
            },
            changed: vec![Field::Email.into()],
            ..AuditRecord::new(Timestamp::UNIX_EPOCH, [1; 10], Actor::Operator, Action::UserUpdated)
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
    fn a_service_account_is_named_by_its_id_and_its_key() {
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
