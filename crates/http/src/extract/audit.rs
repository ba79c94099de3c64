//! The rules of the audit log's values.

use super::rules::{FromRaw, RawError};
use roster_domain::{Action, ActorFilter, EmailAddress, Login, Outcome, RequestId, TargetFilter, TimeOrDate};
use serde_json::{Value, json};
use std::net::IpAddr;

macro_rules! word_rule {
    ($($ty:ty;)+) => {$(
        impl FromRaw for $ty {
            type Raw = String;

            fn schema() -> Value {
                let words: Vec<_> = Self::ALL.iter().map(|word| word.as_str()).collect();
                json!({ "type": "string", "enum": words, "example": words[0] })
            }

            fn from_raw(raw: &String) -> Result<Self, RawError> {
                raw.parse().map_err(|error| RawError::of(&error))
            }
        }
    )+};
}

word_rule! {
    Action;
    Outcome;
}

/// Who is meant: as the log knows them, or by what they log in with.
pub(crate) enum Party<F> {
    Known(F),
    Named(Login),
}

/// What an answer shows besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Include {
    /// The usernames of people.
    Names,
}

impl<F> Party<F> {
    /// The two ways apart.
    pub(crate) fn apart(party: Option<Self>) -> (Option<F>, Option<Login>) {
        match party {
            Some(Self::Known(filter)) => (Some(filter), None),
            Some(Self::Named(login)) => (None, Some(login)),
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

            fn from_raw(raw: &String) -> Result<Self, RawError> {
                match raw.parse::<$filter>() {
                    Ok(filter) => Ok(Self::Known(filter)),
                    Err(_) if (1..=EmailAddress::MAX_BYTES).contains(&raw.len()) => {
                        Ok(Self::Named(Login::new(raw)))
                    }
                    Err(fault) => Err(RawError::of(&fault)),
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

    fn from_raw(raw: &String) -> Result<Self, RawError> {
        match raw.as_str() {
            "names" => Ok(Self::Names),
            _ => Err(RawError::new("include_invalid", "known is names")),
        }
    }
}

impl FromRaw for TimeOrDate {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].+)?$", "example": "2026-03-01" })
    }

    fn from_raw(raw: &String) -> Result<Self, RawError> {
        raw.parse().map_err(|fault| match raw.rsplit_once(' ') {
            // In a query a plus is a space.
            Some((time, offset)) if format!("{time}+{offset}").parse::<Self>().is_ok() => {
                RawError::new("time_invalid", "in a query the + of an offset is written %2B")
            }
            _ => RawError::of(&fault),
        })
    }
}

impl FromRaw for RequestId {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "minLength": 1, "maxLength": Self::MAX_LEN, "example": "7f3c9a51-1" })
    }

    fn from_raw(raw: &String) -> Result<Self, RawError> {
        Self::new(raw.clone()).map_err(|fault| RawError::of(&fault))
    }
}

impl FromRaw for IpAddr {
    type Raw = String;

    fn schema() -> Value {
        json!({ "type": "string", "example": "203.0.113.9" })
    }

    fn from_raw(raw: &String) -> Result<Self, RawError> {
        raw.parse()
            .map_err(|_| RawError::new("ip_invalid", "an address is one such as 203.0.113.9 or 2001:db8::1"))
    }
}
