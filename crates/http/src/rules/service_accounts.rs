//! The rules of API keys and their permissions.

use super::from_raw::{FromRaw, RawError};
use jiff::{Span, SpanRelativeTo};
use roster_domain::{ApiKeyPrefix, Permission, Permissions};
use serde_json::{Value, json};
use std::time::Duration;

/// How long a rotated key stays valid beside its replacement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Overlap(pub(crate) Duration);

impl FromRaw for ApiKeyPrefix {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "pattern": Self::PATTERN, "example": "k3Jd9sLqP0aZ" })
    }

    fn from_raw(raw: String) -> Result<Self, RawError> {
        raw.parse().map_err(|_| RawError::new("prefix_invalid", "this is not the prefix of an API key"))
    }
}

impl FromRaw for Permissions {
    type Raw = Vec<String>;

    fn schema() -> Value {
        let known = Permission::ALL.map(Permission::as_str);
        json!({
            "type": "array", "items": { "type": "string", "enum": known }, "maxItems": known.len(),
            "example": [Permission::UsersRead.as_str()],
        })
    }

    fn from_raw(raw: Vec<String>) -> Result<Self, RawError> {
        if raw.len() > Permission::ALL.len() {
            let message = "this list is longer than the list of all permissions; name each once";
            return Err(RawError::new("permissions_too_many", message));
        }
        Self::try_from(raw).map_err(|error| RawError::of(&error))
    }
}

impl FromRaw for Overlap {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "example": "15m" })
    }

    fn from_raw(raw: String) -> Result<Self, RawError> {
        let span = raw.parse::<Span>().ok();
        let parsed = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
        let parsed = parsed.and_then(|signed| Duration::try_from(signed).ok());
        parsed
            .map(Self)
            .ok_or_else(|| RawError::new("duration_invalid", "a duration looks like 15m, 2h or 1d"))
    }
}
