//! Which limit was reached, and how long to wait.

use super::micros::Micros;
use std::time::Duration;
use thiserror::Error;

/// A limit was reached. Nothing was looked up or hashed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("too many attempts; try again in {} s", retry_after.as_secs())]
pub struct TooMany {
    /// How many the limit allows.
    pub limit: u32,
    /// How long until the next attempt is allowed.
    pub retry_after: Duration,
}

/// Which limit was reached, and the error for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LimitReached {
    pub(crate) scope: LimitScope,
    pub(crate) wait: TooMany,
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitScope {
    /// Requests of a client.
    Requests,
    /// Registrations of a client.
    Registrations,
    /// Failures of a client.
    Client,
    /// Failures for a name.
    Login,
    /// Failures of a client for a name.
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
