//! The status of a user.

use crate::PendingReasons;
use crate::names::named;
use jiff::Timestamp;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whether a user may log in.
///
/// The stored form is `"active"`, `{"pending": {"reasons": […]}}` or `{"disabled": {"since": …}}`. A plain
/// `"pending"`, from format version 1, is read as pending for [an unknown reason](PendingReasons::UNKNOWN).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The user may log in.
    Active,
    /// The user may not log in yet.
    Pending {
        /// What has to be settled first.
        reasons: PendingReasons,
    },
    /// The user may no longer log in.
    Disabled {
        /// When the user was disabled.
        since: Timestamp,
    },
}

named! {
    /// A [`Status`] without its data: what a filter or a request names.
    StatusKind, "status", "status_invalid" {
        /// `active`
        Active => "active",
        /// `pending`
        Pending => "pending",
        /// `disabled`
        Disabled => "disabled",
    }
}

impl Status {
    /// The status without its data.
    #[must_use]
    pub const fn kind(self) -> StatusKind {
        match self {
            Self::Active => StatusKind::Active,
            Self::Pending { .. } => StatusKind::Pending,
            Self::Disabled { .. } => StatusKind::Disabled,
        }
    }

    /// The reasons, if the account is pending.
    #[must_use]
    pub const fn pending_reasons(self) -> Option<PendingReasons> {
        match self {
            Self::Pending { reasons } => Some(reasons),
            Self::Active | Self::Disabled { .. } => None,
        }
    }
}

impl StatusKind {
    /// The status that begins at `now`, pending for [an unknown reason](PendingReasons::UNKNOWN).
    #[must_use]
    pub const fn since(self, now: Timestamp) -> Status {
        match self {
            Self::Active => Status::Active,
            Self::Pending => Status::Pending { reasons: PendingReasons::UNKNOWN },
            Self::Disabled => Status::Disabled { since: now },
        }
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StatusVisitor)
    }
}

struct StatusVisitor;

impl<'de> Visitor<'de> for StatusVisitor {
    type Value = Status;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(r#"a status: "active", {"pending": {"reasons": […]}} or {"disabled": {"since": …}}"#)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Status, E> {
        match text {
            "active" => Ok(Status::Active),
            "pending" => Ok(Status::Pending { reasons: PendingReasons::UNKNOWN }),
            other => Err(E::unknown_variant(other, &["active", "pending"])),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Status, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Pending {
            reasons: PendingReasons,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Disabled {
            since: Timestamp,
        }
        let Some(name) = map.next_key::<String>()? else {
            return Err(de::Error::invalid_length(0, &self));
        };
        let status = match name.as_str() {
            "pending" => map.next_value().map(|Pending { reasons }| Status::Pending { reasons })?,
            "disabled" => map.next_value().map(|Disabled { since }| Status::Disabled { since })?,
            other => return Err(de::Error::unknown_variant(other, &["pending", "disabled"])),
        };
        match map.next_key::<String>()? {
            None => Ok(status),
            Some(_) => Err(de::Error::invalid_length(2, &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PendingReason;

    #[test]
    fn every_status_survives_the_stored_form() {
        let reasons = PendingReason::NoPassword.into();
        for (status, stored) in [
            (Status::Active, r#""active""#),
            (Status::Pending { reasons }, r#"{"pending":{"reasons":["no_password"]}}"#),
            (
                Status::Disabled { since: Timestamp::UNIX_EPOCH },
                r#"{"disabled":{"since":"1970-01-01T00:00:00Z"}}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&status).unwrap(), stored);
            assert_eq!(serde_json::from_str::<Status>(stored).unwrap(), status);
        }
    }

    #[test]
    fn a_pending_status_of_version_1_is_pending_for_an_unknown_reason() {
        let status = serde_json::from_str::<Status>(r#""pending""#).unwrap();
        assert_eq!(status, Status::Pending { reasons: PendingReasons::UNKNOWN });
    }

    #[test]
    fn a_malformed_status_is_rejected() {
        for stored in [
            r#""disabled""#,
            r#""asleep""#,
            "{}",
            "3",
            r#"{"pending":{"reasons":[]}}"#,
            r#"{"pending":{"reasons":["bored"]}}"#,
            r#"{"disabled":{"since":"1970-01-01T00:00:00Z"},"pending":{"reasons":["unknown"]}}"#,
        ] {
            assert!(serde_json::from_str::<Status>(stored).is_err(), "{stored}");
        }
    }
}
