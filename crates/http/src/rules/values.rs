//! The rules of users, service accounts and lists.

use super::from_raw::{FromRaw, RawError};
use jiff::Timestamp;
use roster_auth::password::{Password, PasswordPolicy};
use roster_domain::{
    AccountStatus, ApiKeyId, ApiKeyName, Attributes, AuditId, Description, DisplayName, EmailAddress,
    ExternalId, JobId, Limit, PendingReason, PendingReasons, RoleName, RoleSet, ServiceAccountId,
    ServiceAccountName, SessionId, StatusKind, UserId, Username, Version,
};
use serde_json::{Map, Value, json};

macro_rules! text_rule {
    ($($ty:ty => $schema:tt;)+) => {$(
        impl FromRaw for $ty {
            type Raw = String;

            fn schema() -> Value {
                json!($schema)
            }

            fn from_raw(raw: String) -> Result<Self, RawError> {
                Self::try_from(raw).map_err(|error| RawError::of(&error))
            }
        }
    )+};
}

text_rule! {
    Username => {
        "type": "string", "minLength": Username::MIN_LEN, "maxLength": Username::MAX_LEN,
        "pattern": Username::PATTERN, "example": "ada",
    };
    EmailAddress => {
        "type": "string", "format": "idn-email", "maxLength": EmailAddress::MAX_BYTES, "example": "ada@example.org",
    };
    DisplayName => {
        "type": "string", "minLength": DisplayName::MIN_LEN, "maxLength": DisplayName::MAX_LEN,
        "example": "Ada Lovelace",
    };
    ExternalId => {
        "type": "string", "minLength": ExternalId::MIN_LEN, "maxLength": ExternalId::MAX_LEN, "example": "hr-4711",
    };
    ServiceAccountName => {
        "type": "string", "minLength": ServiceAccountName::MIN_LEN, "maxLength": ServiceAccountName::MAX_LEN,
        "pattern": ServiceAccountName::PATTERN, "example": "backup",
    };
    Description => {
        "type": "string", "minLength": Description::MIN_LEN, "maxLength": Description::MAX_LEN,
        "example": "Reads everybody, every night",
    };
    ApiKeyName => {
        "type": "string", "minLength": ApiKeyName::MIN_LEN, "maxLength": ApiKeyName::MAX_LEN, "example": "nightly",
    };
    AccountStatus => {
        "type": "string", "enum": AccountStatus::ALL.map(AccountStatus::as_str), "example": "active",
    };
    RoleName => {
        "type": "string", "minLength": 1, "maxLength": RoleName::MAX_LEN, "pattern": RoleName::PATTERN,
        "example": RoleName::USER,
    };
}

macro_rules! id_rule {
    ($($id:ident),+) => {$(
        impl FromRaw for $id {
            type Raw = String;

            fn schema() -> Value {
                json!({ "type": "string", "format": "uuid", "example": "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8" })
            }

            fn from_raw(raw: String) -> Result<Self, RawError> {
                raw.parse().map_err(|_| {
                    RawError::new("id_invalid", "an id is a UUID with hyphens, in lower or upper case")
                })
            }
        }
    )+};
}

id_rule!(UserId, SessionId, ServiceAccountId, ApiKeyId, AuditId, JobId);

const TIME_INVALID: &str =
    "a time is an RFC 3339 timestamp such as 2026-03-01T09:30:00Z, before 9999-12-30T22:00:01Z";

impl FromRaw for Timestamp {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "format": "date-time", "example": "2026-03-01T09:30:00.000000Z" })
    }

    fn from_raw(raw: String) -> Result<Self, RawError> {
        raw.parse().map_err(|_| RawError::new("time_invalid", TIME_INVALID))
    }
}

impl FromRaw for StatusKind {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "enum": Self::ALL.map(Self::as_str), "example": Self::Active.as_str() })
    }

    fn from_raw(raw: String) -> Result<Self, RawError> {
        raw.parse().map_err(|error| RawError::of(&error))
    }
}

impl FromRaw for PendingReasons {
    type Raw = Vec<String>;

    fn schema() -> Value {
        let names = PendingReason::ALL.map(PendingReason::as_str);
        json!({
            "type": "array", "items": { "type": "string", "enum": names }, "minItems": 1, "uniqueItems": true,
            "example": [PendingReason::NoPassword.as_str()],
        })
    }

    fn from_raw(raw: Vec<String>) -> Result<Self, RawError> {
        let reasons = raw.iter().map(|name| name.parse::<PendingReason>());
        let reasons = reasons.collect::<Result<Vec<_>, _>>().map_err(|error| RawError::of(&error))?;
        Self::try_from(reasons).map_err(|error| RawError::of(&error))
    }
}

impl FromRaw for RoleSet {
    type Raw = Vec<String>;

    fn schema() -> Value {
        json!({
            "type": "array", "items": RoleName::schema(), "maxItems": Self::MAX_LEN, "uniqueItems": true,
            "example": [RoleName::USER],
        })
    }

    fn from_raw(raw: Vec<String>) -> Result<Self, RawError> {
        let names: Result<Vec<_>, _> = raw.into_iter().map(RoleName::from_raw).collect();
        Self::new(names?).map_err(|error| RawError::of(&error))
    }
}

impl FromRaw for Attributes {
    type Raw = Map<String, Value>;

    fn schema() -> Value {
        json!({
            "type": "object", "additionalProperties": true, "example": { "team": "engines" },
            "description": format!("At most {} bytes.", Self::MAX_BYTES),
        })
    }

    fn from_raw(raw: Map<String, Value>) -> Result<Self, RawError> {
        Self::new(raw).map_err(|error| RawError::of(&error))
    }
}

impl FromRaw for bool {
    type Raw = Self;

    fn schema() -> Value {
        json!({ "type": "boolean" })
    }

    fn from_raw(raw: Self) -> Result<Self, RawError> {
        Ok(raw)
    }
}

impl FromRaw for Version {
    type Raw = u64;

    fn schema() -> Value {
        json!({ "type": "integer", "format": "int64", "minimum": Self::FIRST.get(), "example": 7 })
    }

    fn from_raw(raw: u64) -> Result<Self, RawError> {
        Ok(Self::from(raw))
    }
}

impl FromRaw for Limit {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "integer", "format": "int32", "minimum": Self::MIN, "maximum": Self::MAX, "default": Self::DEFAULT })
    }

    fn from_raw(raw: String) -> Result<Self, RawError> {
        // A number that does not fit into u64 is over the limit too.
        Self::new(raw.parse().unwrap_or(u64::MAX)).map_err(|error| RawError::of(&error))
    }
}

/// A new password. The policy, which also needs the user's names, is applied afterwards.
impl FromRaw for Password {
    type Raw = String;

    /// The minimum length is a setting; the schema has the default.
    fn schema() -> Value {
        json!({
            "type": "string", "format": "password", "minLength": PasswordPolicy::DEFAULT_MIN_LENGTH,
            "maxLength": Self::MAX_BYTES, "example": "correct horse battery staple",
        })
    }

    fn from_raw(raw: String) -> Result<Self, RawError> {
        Ok(Self::new(raw))
    }
}

/// The schema of an existing password: any text.
pub(crate) fn known_password_schema() -> Value {
    json!({ "type": "string", "format": "password", "example": "correct horse battery staple" })
}
