//! The rules of machines' values.

use super::rules::{FromRaw, RawError};
use jiff::{Span, SpanRelativeTo};
use roster_domain::{ApiKeyPrefix, Permission, Permissions};
use serde_json::{Value, json};
use std::time::Duration;

/// For how long two keys go on side by side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Overlap(pub(crate) Duration);

impl FromRaw for ApiKeyPrefix {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "pattern": Self::PATTERN, "example": "k3Jd9sLqP0aZ" })
    }

    fn from_raw(raw: &String) -> Result<Self, RawError> {
        raw.parse().map_err(|_| RawError::new("prefix_invalid", "that is no prefix of an API key"))
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

    fn from_raw(raw: &Vec<String>) -> Result<Self, RawError> {
        if raw.len() > Permission::ALL.len() {
            let message = "there are more names here than permissions: name each once";
            return Err(RawError::new("permissions_too_many", message));
        }
        Self::try_from(raw.clone()).map_err(|fault| RawError::of(&fault))
    }
}

impl FromRaw for Overlap {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "example": "15m" })
    }

    fn from_raw(raw: &String) -> Result<Self, RawError> {
        let span = raw.parse::<Span>().ok();
        let parsed = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
        let parsed = parsed.and_then(|signed| Duration::try_from(signed).ok());
        parsed
            .map(Self)
            .ok_or_else(|| RawError::new("duration_invalid", "a duration is written like 15m, 2h or 1d"))
    }
}
