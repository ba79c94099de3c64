//! Counters of the use cases, which the binary exports as metrics.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the start of the process.
#[derive(Debug, Default)]
pub struct Counters {
    logins: [AtomicU64; LoginOutcome::ALL.len()],
    refreshes: [AtomicU64; RefreshOutcome::ALL.len()],
    registrations: AtomicU64,
    questions: [AtomicU64; QuestionOutcome::ALL.len()],
    migrations: AtomicU64,
}

/// How a login ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginOutcome {
    /// A token was issued.
    Success,
    /// The login or the password is wrong.
    BadCredentials,
    /// The password is correct, but the account is not active.
    NotActive,
    /// The password is correct but temporary: no session was opened.
    PasswordChangeRequired,
    /// A rate limit was reached before the check.
    Limited,
    /// The check failed: the hash pool or the store was not available.
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
    /// The next refresh token was issued.
    Rotated,
    /// The live token was returned for an earlier one within its grace period.
    Repeated,
    /// A token was used again after its grace period, which has ended the session.
    Reused,
    /// The token does not exist, or its session has ended.
    Invalid,
    /// The user has a temporary password. The session continues once it is replaced.
    PasswordChangeRequired,
    /// A rate limit was reached: the client sent too many invalid tokens.
    Limited,
    /// The refresh failed: the store was not available.
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

/// How a question to the old system ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionOutcome {
    /// The password is right.
    Valid,
    /// The password is wrong, or nobody has this login name.
    Invalid,
    /// There was no answer in time, or not one that can be used.
    NoAnswer,
    /// Too many other questions were open, so this one was not sent.
    PoolFull,
}

impl QuestionOutcome {
    /// Every outcome.
    pub const ALL: [Self; 4] = [Self::Valid, Self::Invalid, Self::NoAnswer, Self::PoolFull];

    /// The name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::NoAnswer => "no_answer",
            Self::PoolFull => "pool_full",
        }
    }
}

impl Counters {
    /// The number of questions to the old system with this outcome.
    #[must_use]
    pub fn questions(&self, outcome: QuestionOutcome) -> u64 {
        self.questions[outcome as usize].load(Ordering::Relaxed)
    }

    pub(crate) fn count_question(&self, outcome: QuestionOutcome) {
        self.questions[outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// The number of people who were migrated at a login.
    #[must_use]
    pub fn migrations(&self) -> u64 {
        self.migrations.load(Ordering::Relaxed)
    }

    pub(crate) fn count_migration(&self) {
        self.migrations.fetch_add(1, Ordering::Relaxed);
    }

    /// The number of refreshes with this outcome.
    #[must_use]
    pub fn refreshes(&self, outcome: RefreshOutcome) -> u64 {
        self.refreshes[outcome as usize].load(Ordering::Relaxed)
    }

    pub(crate) fn count_refresh(&self, outcome: RefreshOutcome) {
        self.refreshes[outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// The number of logins with this outcome.
    #[must_use]
    pub fn logins(&self, outcome: LoginOutcome) -> u64 {
        self.logins[outcome as usize].load(Ordering::Relaxed)
    }

    /// The number of users who registered or were created.
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
