//! Which limit was reached, and how long to wait.

use super::micros::Micros;
use std::time::Duration;
use thiserror::Error;

/// A limit was reached. Nothing was looked at or hashed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("too many attempts; {}s to wait", retry_after.as_secs())]
pub struct TooMany {
    /// How many the limit allows.
    pub limit: u32,
    /// When one more is allowed.
    pub retry_after: Duration,
}

/// Which limit was reached, and what to tell whoever is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) scope: LimitScope,
    pub(crate) wait: TooMany,
}

/// Which limit it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitScope {
    /// Requests of a client.
    Requests,
    /// Registrations of a client.
    Registrations,
    /// Failures of a client.
    Client,
    /// Failures at a name.
    Login,
    /// A client that failed at a name.
    Pair,
}

impl LimitScope {
    /// Every scope.
    pub const ALL: [Self; 5] = [Self::Requests, Self::Registrations, Self::Client, Self::Login, Self::Pair];

    /// The name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Registrations => "registrations",
            Self::Client => "ip",
            Self::Login => "login",
            Self::Pair => "pair",
        }
    }
}

impl TooMany {
    pub(super) fn new(limit: u32, wait: Micros) -> Self {
        Self { limit, retry_after: Duration::from_micros(wait.unsigned_abs()) }
    }
}
