//! The rules of the audit log's parameters.

use super::from_raw::{FromRaw, RawError};
use roster_domain::{Action, ActorFilter, EmailAddress, Login, Outcome, RequestId, TargetFilter, TimeOrDate};
use serde_json::{Value, json};
use std::net::IpAddr;

macro_rules! name_rule {
    ($($ty:ty;)+) => {$(
        impl FromRaw for $ty {
            type Raw = String;

            fn schema() -> Value {
                let names: Vec<_> = Self::ALL.iter().map(|name| name.as_str()).collect();
                json!({ "type": "string", "enum": names, "example": names[0] })
            }

            fn from_raw(raw: String) -> Result<Self, RawError> {
                raw.parse().map_err(|error| RawError::of(&error))
            }
        }
    )+};
}

name_rule! {
    Action;
    Outcome;
}

/// An actor or a target, by id or by login.
pub(crate) enum Party<F> {
    Id(F),
    Login(Login),
}

/// What a response includes on request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Include {
    /// The usernames of actors and targets.
    Names,
}

impl<F> Party<F> {
    /// The id or the login, each in a place of its own.
    pub(crate) fn split(party: Option<Self>) -> (Option<F>, Option<Login>) {
        match party {
            Some(Self::Id(filter)) => (Some(filter), None),
            Some(Self::Login(login)) => (None, Some(login)),
            None => (None, None),
        }
    }
}

macro_rules! party_rule {
    ($($filter:ty, $example:literal;)+) => {$(
        impl FromRaw for Party<$filter> {
            type Raw = String;

            fn schema() -> Value {
                json!({ "type": "string", "minLength": 1, "maxLength": EmailAddress::MAX_BYTES, "example": $example })
            }

            fn from_raw(raw: String) -> Result<Self, RawError> {
                match raw.parse::<$filter>() {
                    Ok(filter) => Ok(Self::Id(filter)),
                    Err(_) if (1..=EmailAddress::MAX_BYTES).contains(&raw.len()) => {
                        Ok(Self::Login(Login::new(&raw)))
                    }
                    Err(error) => Err(RawError::of(&error)),
                }
            }
        }
    )+};
}

party_rule! {
    ActorFilter, "operator";
    TargetFilter, "0198d7a2-7b4c-7c3e-9d2a-5a1e4f60b1c8";
}

impl FromRaw for Include {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "enum": ["names"], "example": "names" })
    }

    fn from_raw(raw: String) -> Result<Self, RawError> {
        match raw.as_str() {
            "names" => Ok(Self::Names),
            _ => Err(RawError::new("include_invalid", "the only known value is names")),
        }
    }
}

impl FromRaw for TimeOrDate {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].+)?$", "example": "2026-03-01" })
    }

    fn from_raw(raw: String) -> Result<Self, RawError> {
        raw.parse().map_err(|error| match raw.rsplit_once(' ') {
            // A query decodes a plus as a space.
            Some((time, offset)) if format!("{time}+{offset}").parse::<Self>().is_ok() => {
                RawError::new("time_invalid", "in a query, write the + of an offset as %2B")
            }
            _ => RawError::of(&error),
        })
    }
}

impl FromRaw for RequestId {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "minLength": 1, "maxLength": Self::MAX_LEN, "example": "7f3c9a51-1" })
    }

    fn from_raw(raw: String) -> Result<Self, RawError> {
        Self::new(raw).map_err(|error| RawError::of(&error))
    }
}

impl FromRaw for IpAddr {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "example": "203.0.113.9" })
    }

    fn from_raw(raw: String) -> Result<Self, RawError> {
        raw.parse()
            .map_err(|_| RawError::new("ip_invalid", "an IP address looks like 203.0.113.9 or 2001:db8::1"))
    }
}
