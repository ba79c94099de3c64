//! Why an account is pending.

use crate::CodedError;
use crate::names::named;
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

named! {
    /// One thing that must be settled before a pending user may log in.
    PendingReason, "reason", "pending_reasons_invalid" {
        /// No password could be right. Setting one settles this.
        NoPassword => "no_password",
        /// The system that the user came from had locked the account.
        LockedBefore => "locked_before",
        /// The system that the user came from said something about the account that Roster does not understand.
        NotUnderstood => "not_understood",
        /// The account waits for confirmation.
        Unverified => "unverified",
        /// Not recorded: an administrator made the account pending, or an older version of Roster did.
        Unknown => "unknown",
    }
}

/// Why an account is pending: one or more reasons.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<PendingReason>", into = "Vec<PendingReason>")]
pub struct PendingReasons(u8);

/// A pending account has at least one reason.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("a pending account has at least one reason")]
pub struct NoPendingReason;

impl CodedError for NoPendingReason {
    fn code(&self) -> &'static str {
        "pending_reasons_invalid"
    }
}

impl PendingReason {
    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl PendingReasons {
    /// The reason of an account that an administrator made pending.
    pub const UNKNOWN: Self = Self(PendingReason::Unknown.bit());

    /// Collects the reasons; `None` if there are none.
    #[must_use]
    pub fn new(reasons: impl IntoIterator<Item = PendingReason>) -> Option<Self> {
        let bits = reasons.into_iter().fold(0, |bits, reason| bits | reason.bit());
        (bits != 0).then_some(Self(bits))
    }

    /// The reasons without this one; `None` if it was the only one.
    #[must_use]
    pub const fn without(self, reason: PendingReason) -> Option<Self> {
        match self.0 & !reason.bit() {
            0 => None,
            bits => Some(Self(bits)),
        }
    }

    /// Whether `reason` is among them.
    #[must_use]
    pub const fn contains(self, reason: PendingReason) -> bool {
        self.0 & reason.bit() != 0
    }

    /// The reasons, in the order of [`PendingReason::ALL`].
    pub fn iter(self) -> impl Iterator<Item = PendingReason> {
        PendingReason::ALL.into_iter().filter(move |reason| self.contains(*reason))
    }
}

impl From<PendingReason> for PendingReasons {
    fn from(reason: PendingReason) -> Self {
        Self(reason.bit())
    }
}

impl TryFrom<Vec<PendingReason>> for PendingReasons {
    type Error = NoPendingReason;
    fn try_from(reasons: Vec<PendingReason>) -> Result<Self, NoPendingReason> {
        Self::new(reasons).ok_or(NoPendingReason)
    }
}

impl From<PendingReasons> for Vec<PendingReason> {
    fn from(reasons: PendingReasons) -> Self {
        reasons.iter().collect()
    }
}

impl fmt::Debug for PendingReasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PendingReason::{LockedBefore, NoPassword, Unknown};

    #[test]
    fn reasons_are_stored_as_a_list_of_their_names() {
        let reasons = PendingReasons::new([LockedBefore, NoPassword, LockedBefore]).unwrap();
        let stored = serde_json::to_string(&reasons).unwrap();
        assert_eq!(stored, r#"["no_password","locked_before"]"#);
        assert_eq!(serde_json::from_str::<PendingReasons>(&stored).unwrap(), reasons);
    }

    #[test]
    fn a_pending_account_needs_a_reason() {
        assert_eq!(PendingReasons::new([]), None);
        assert!(serde_json::from_str::<PendingReasons>("[]").is_err());
        assert_eq!(PendingReasons::UNKNOWN.without(Unknown), None);
    }

    #[test]
    fn every_reason_is_parsed_by_its_name() {
        for reason in PendingReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }
}
