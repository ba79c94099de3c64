//! The audit log: who did what to whom, when, from where, and with what outcome.

use crate::{ApiKeyId, AuditId, Fault, ServiceAccountId, SessionId, SigningKeyId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use thiserror::Error;
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
    pub signing_key: Option<SigningKeyId>,
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

/// An enum whose every variant is a word: in files, in answers and on the command line.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $noun:literal {
        $($(#[$variant_doc:meta])* $variant:ident => $word:literal,)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// Every one there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl FromStr for $name {
            /// A sentence with the words that there are.
            type Err = String;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let found = Self::ALL.iter().copied().find(|known| known.as_str() == text);
                found.ok_or_else(|| format!("no {} is called so; known are {}", $noun, [$($word),+].join(", ")))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What was done.
    Action, "action" {
        /// A person registered, or was created by somebody.
        UserCreated => "user_created",
        /// A person came from another system's file.
        UserImported => "user_imported",
        /// A profile was changed.
        UserUpdated => "user_updated",
        /// A person's data was erased.
        UserDeleted => "user_deleted",
        /// A password was set or replaced.
        PasswordChanged => "password_changed",
        /// Somebody logged in, or tried to.
        LoggedIn => "logged_in",
        /// A session was continued with its refresh token, or somebody tried to.
        SessionRefreshed => "session_refreshed",
        /// A session was ended: logged out, or revoked by somebody.
        SessionRevoked => "session_revoked",
        /// Every session of a person was ended, but perhaps the one that asked.
        SessionsRevoked => "sessions_revoked",
        /// A service account was made.
        ServiceAccountCreated => "service_account_created",
        /// A service account was changed.
        ServiceAccountUpdated => "service_account_updated",
        /// A service account was deleted, and its keys with it.
        ServiceAccountDeleted => "service_account_deleted",
        /// A service account got another API key.
        ApiKeyCreated => "api_key_created",
        /// An API key was replaced by another.
        ApiKeyRotated => "api_key_rotated",
        /// An API key was ended.
        ApiKeyRevoked => "api_key_revoked",
        /// A key for access tokens was made.
        KeyGenerated => "key_generated",
        /// A key began to sign access tokens.
        KeyActivated => "key_activated",
        /// A key ceased to sign access tokens.
        KeyRetired => "key_retired",
        /// A key's access tokens ceased to be accepted.
        KeyRevoked => "key_revoked",
        /// An edit of users.json made while Roster was stopped was taken over.
        EditAdopted => "edit_adopted",
        /// The audit log went on in a fresh file.
        AuditRotated => "audit_rotated",
    }
}

words! {
    /// How it ended.
    Outcome, "outcome" {
        /// It was done.
        Success => "success",
        /// The credentials were wrong.
        BadCredentials => "bad_credentials",
        /// The credentials were right, the account may not log in.
        NotActive => "not_active",
        /// A refresh token was used a second time, which ended its session.
        TokenReused => "token_reused",
    }
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

/// Where a request came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The client's address, as far as trusted proxies vouch for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// The id that the request's answer and log line carry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<RequestId>,
}

/// A field of a user or of a service account that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// `username`
    Username,
    /// `email`
    Email,
    /// `email_verified`
    EmailVerified,
    /// `display_name`
    DisplayName,
    /// `status`
    Status,
    /// `roles`
    Roles,
    /// `attributes`
    Attributes,
    /// `external_id`
    ExternalId,
    /// `password`
    Password,
    /// `name` of a service account
    Name,
    /// `description` of a service account
    Description,
    /// `permissions` of a service account
    Permissions,
}

impl Field {
    /// The name in requests, answers and the audit log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Email => "email",
            Self::EmailVerified => "email_verified",
            Self::DisplayName => "display_name",
            Self::Status => "status",
            Self::Roles => "roles",
            Self::Attributes => "attributes",
            Self::ExternalId => "external_id",
            Self::Password => "password",
            Self::Name => "name",
            Self::Description => "description",
            Self::Permissions => "permissions",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The id of a request: 1 to 128 of `[A-Za-z0-9._-]`, so that it is safe in a header, a log and a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct RequestId(Box<str>);

/// Why a text is no request id.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a request id has 1 to {} of A-Z, a-z, 0-9 and . _ -", RequestId::MAX_LEN)]
pub struct RequestIdFault;

impl RequestId {
    /// The most characters a request id has.
    pub const MAX_LEN: usize = 128;

    /// Takes a request id.
    ///
    /// # Errors
    /// [`RequestIdFault`].
    pub fn new(text: impl Into<String>) -> Result<Self, RequestIdFault> {
        let text = text.into();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if (1..=Self::MAX_LEN).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.into()))
        } else {
            Err(RequestIdFault)
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Fault for RequestIdFault {
    fn code(&self) -> &'static str {
        "request_id_invalid"
    }
}

impl TryFrom<String> for RequestId {
    type Error = RequestIdFault;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl From<RequestId> for String {
    fn from(id: RequestId) -> Self {
        id.0.into()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
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
            origin: Origin { ip: Some([127, 0, 0, 1].into()), request_id: RequestId::new("r-1").ok() },
            changed: vec![Field::Email],
            count: AuditRecord::ONCE,
        };
        let line = serde_json::to_string(&record).unwrap();
        assert!(line.ends_with(r#""ip":"127.0.0.1","request_id":"r-1","changed":["email"]}"#), "{line}");
        assert_eq!(serde_json::from_str::<AuditRecord>(&line).unwrap(), record);
        let often = AuditRecord { count: NonZeroU32::new(7).unwrap(), ..record };
        let line = serde_json::to_string(&often).unwrap();
        assert!(line.ends_with(r#","count":7}"#), "{line}");
        assert_eq!(serde_json::from_str::<AuditRecord>(&line).unwrap(), often);
    }

    #[test]
    fn the_words_of_the_log_are_those_of_its_files() {
        for action in Action::ALL {
            assert_eq!(serde_json::to_value(action).unwrap(), action.as_str());
            assert_eq!(action.as_str().parse(), Ok(*action));
        }
        for outcome in Outcome::ALL {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.as_str());
        }
        assert!("user_made".parse::<Action>().unwrap_err().contains("user_created"));
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

    #[test]
    fn a_request_id_is_safe_in_a_header() {
        for text in ["", "a b", "a\r\nb", "é", &"x".repeat(129)] {
            assert_eq!(RequestId::new(text), Err(RequestIdFault), "{text:?}");
        }
        assert!(RequestId::new("x".repeat(128)).is_ok());
    }
}
