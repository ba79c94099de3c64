//! What the use cases count, for the binary to register.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the start of the process.
#[derive(Debug, Default)]
pub struct Counters {
    logins: [AtomicU64; LoginOutcome::ALL.len()],
    refreshes: [AtomicU64; RefreshOutcome::ALL.len()],
    registrations: AtomicU64,
}

/// How a login ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginOutcome {
    /// With a token.
    Success,
    /// Wrong login or password.
    BadCredentials,
    /// Right password, but the account may not log in.
    NotActive,
    /// Right password, but a temporary one: with a token that can only replace it, or with none.
    PasswordChangeRequired,
    /// Not looked at: a limit was reached.
    Limited,
    /// Not decided: the hash pool or the store could not take it.
    Unavailable,
}

impl LoginOutcome {
    /// Every outcome.
    pub const ALL: [Self; 6] = [
        Self::Success,
        Self::BadCredentials,
        Self::NotActive,
        Self::PasswordChangeRequired,
        Self::Limited,
        Self::Unavailable,
    ];

    /// The name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::BadCredentials => "bad_credentials",
            Self::NotActive => "not_active",
            Self::PasswordChangeRequired => "password_change_required",
            Self::Limited => "limited",
            Self::Unavailable => "unavailable",
        }
    }
}

/// How a refresh ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshOutcome {
    /// With the next refresh token.
    Rotated,
    /// With the live one, for a token within its grace.
    Repeated,
    /// A token was used a second time: its session is ended.
    Reused,
    /// No such token, or its session is over.
    Invalid,
    /// The password is a temporary one: the session goes on when it is replaced.
    PasswordChangeRequired,
    /// A limit was reached: too many tokens that are none came from there.
    Limited,
    /// Not decided: the store could not take it.
    Unavailable,
}

impl RefreshOutcome {
    /// Every outcome.
    pub const ALL: [Self; 7] = [
        Self::Rotated,
        Self::Repeated,
        Self::Reused,
        Self::Invalid,
        Self::PasswordChangeRequired,
        Self::Limited,
        Self::Unavailable,
    ];

    /// The name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rotated => "rotated",
            Self::Repeated => "repeated",
            Self::Reused => "reused",
            Self::Invalid => "invalid",
            Self::PasswordChangeRequired => "password_change_required",
            Self::Limited => "limited",
            Self::Unavailable => "unavailable",
        }
    }
}

impl Counters {
    /// How many refreshes ended so.
    #[must_use]
    pub fn refreshes(&self, outcome: RefreshOutcome) -> u64 {
        self.refreshes[outcome as usize].load(Ordering::Relaxed)
    }

    pub(crate) fn count_refresh(&self, outcome: RefreshOutcome) {
        self.refreshes[outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many logins ended so.
    #[must_use]
    pub fn logins(&self, outcome: LoginOutcome) -> u64 {
        self.logins[outcome as usize].load(Ordering::Relaxed)
    }

    /// How many people registered or were created.
    #[must_use]
    pub fn registrations(&self) -> u64 {
        self.registrations.load(Ordering::Relaxed)
    }

    pub(crate) fn count_login(&self, outcome: LoginOutcome) {
        self.logins[outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_registration(&self) {
        self.registrations.fetch_add(1, Ordering::Relaxed);
    }
}
