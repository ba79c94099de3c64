//! The domain's rules as a request meets them: the raw form, the schema, the constructor.
//!
//! Each bound that a schema shows is a constant of the domain, so a rule is written once.

use jiff::Timestamp;
use roster_auth::password::{Password, PasswordPolicy};
use roster_domain::{
    AccountStatus, ApiKeyId, ApiKeyName, Attributes, AuditId, CodedError, Description, DisplayName,
    EmailAddress, ExternalId, Limit, PendingReason, PendingReasons, RoleName, RoleSet, ServiceAccountId,
    ServiceAccountName, SessionId, StatusKind, UserId, Username, Version,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// A value that arrives in a raw form and is then checked.
pub(crate) trait FromRaw: Sized {
    /// What JSON it is.
    type Raw: DeserializeOwned;

    /// The rule as a schema, in the words of OpenAPI 3.0.
    fn schema() -> Value;

    /// Applies the rule.
    fn from_raw(raw: &Self::Raw) -> Result<Self, RawError>;
}

/// Which rule a raw value breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawError {
    pub(crate) code: &'static str,
    pub(crate) message: Cow<'static, str>,
}

impl RawError {
    pub(crate) const fn new(code: &'static str, message: &'static str) -> Self {
        Self { code, message: Cow::Borrowed(message) }
    }

    pub(crate) fn of(fault: &impl CodedError) -> Self {
        Self { code: fault.code(), message: fault.to_string().into() }
    }
}

macro_rules! text_rule {
    ($($ty:ty => $schema:tt;)+) => {$(
        impl FromRaw for $ty {
            type Raw = String;

            fn schema() -> Value {
                json!($schema)
            }

            fn from_raw(raw: &String) -> Result<Self, RawError> {
                Self::try_from(raw.clone()).map_err(|fault| RawError::of(&fault))
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

            fn from_raw(raw: &String) -> Result<Self, RawError> {
                raw.parse().map_err(|_| {
                    RawError::new("id_invalid", "an id is a UUID in lower or upper case with hyphens")
                })
            }
        }
    )+};
}

id_rule!(UserId, SessionId, ServiceAccountId, ApiKeyId, AuditId);

const NO_TIME: &str =
    "a time is written as RFC 3339 says, such as 2026-03-01T09:30:00Z, and is before 9999-12-30T22:00:01Z";

impl FromRaw for Timestamp {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "format": "date-time", "example": "2026-03-01T09:30:00.000000Z" })
    }

    fn from_raw(raw: &String) -> Result<Self, RawError> {
        raw.parse().map_err(|_| RawError::new("time_invalid", NO_TIME))
    }
}

impl FromRaw for StatusKind {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "enum": Self::ALL.map(Self::as_str), "example": Self::Active.as_str() })
    }

    fn from_raw(raw: &String) -> Result<Self, RawError> {
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

    fn from_raw(raw: &Vec<String>) -> Result<Self, RawError> {
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

    fn from_raw(raw: &Vec<String>) -> Result<Self, RawError> {
        let names: Result<Vec<_>, _> = raw.iter().map(RoleName::from_raw).collect();
        Self::new(names?).map_err(|fault| RawError::of(&fault))
    }
}

impl FromRaw for Attributes {
    type Raw = Map<String, Value>;

    fn schema() -> Value {
        json!({
            "type": "object", "additionalProperties": true, "example": { "team": "engines" },
            "description": format!("Up to {} bytes.", Self::MAX_BYTES),
        })
    }

    fn from_raw(raw: &Map<String, Value>) -> Result<Self, RawError> {
        Self::new(raw.clone()).map_err(|fault| RawError::of(&fault))
    }
}

impl FromRaw for bool {
    type Raw = Self;

    fn schema() -> Value {
        json!({ "type": "boolean" })
    }

    fn from_raw(raw: &Self) -> Result<Self, RawError> {
        Ok(*raw)
    }
}

impl FromRaw for Version {
    type Raw = u64;

    fn schema() -> Value {
        json!({ "type": "integer", "format": "int64", "minimum": Self::FIRST.get(), "example": 7 })
    }

    fn from_raw(raw: &u64) -> Result<Self, RawError> {
        Ok(Self::from(*raw))
    }
}

impl FromRaw for Limit {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "integer", "format": "int32", "minimum": Self::MIN, "maximum": Self::MAX, "default": Self::DEFAULT })
    }

    fn from_raw(raw: &String) -> Result<Self, RawError> {
        // A number that u64 does not hold is over the limit as well.
        Self::new(raw.parse().unwrap_or(u64::MAX)).map_err(|fault| RawError::of(&fault))
    }
}

/// The schema of a password that is chosen anew. How short it may be is a setting; shown is the default.
pub(crate) fn new_password_schema() -> Value {
    json!({
        "type": "string", "format": "password", "minLength": PasswordPolicy::DEFAULT_MIN_LENGTH,
        "maxLength": Password::MAX_BYTES, "example": "correct horse battery staple",
    })
}

/// The schema of a password that exists: any text.
pub(crate) fn known_password_schema() -> Value {
    json!({ "type": "string", "format": "password", "example": "correct horse battery staple" })
}
