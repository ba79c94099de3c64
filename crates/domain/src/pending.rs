//! Why an account is pending.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One thing that has to be settled before a pending person may log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PendingReason {
    /// There is no password that could be right. Setting one settles this.
    NoPassword,
    /// The system that they came from had locked them out.
    LockedBefore,
    /// The system that they came from said something about the account that Roster does not understand.
    NotUnderstood,
    /// The account waits to be confirmed.
    Unverified,
    /// Not recorded: an administrator made the account pending, or an older version of Roster did.
    Unknown,
}

/// Why an account is pending: at least one reason.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<PendingReason>", into = "Vec<PendingReason>")]
pub struct PendingReasons(u8);

impl PendingReason {
    /// Every reason, in the order in which they are shown.
    pub const ALL: [Self; 5] =
        [Self::NoPassword, Self::LockedBefore, Self::NotUnderstood, Self::Unverified, Self::Unknown];

    /// The name in files and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoPassword => "no_password",
            Self::LockedBefore => "locked_before",
            Self::NotUnderstood => "not_understood",
            Self::Unverified => "unverified",
            Self::Unknown => "unknown",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl PendingReasons {
    /// What is known of an account that an administrator made pending.
    pub const UNKNOWN: Self = Self(PendingReason::Unknown.bit());

    /// Takes the reasons; `None` if there is none.
    #[must_use]
    pub fn new(reasons: impl IntoIterator<Item = PendingReason>) -> Option<Self> {
        let bits = reasons.into_iter().fold(0, |bits, reason| bits | reason.bit());
        (bits != 0).then_some(Self(bits))
    }

    /// The reasons without one of them; `None` if it was the only one.
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
    type Error = &'static str;
    fn try_from(reasons: Vec<PendingReason>) -> Result<Self, Self::Error> {
        Self::new(reasons).ok_or("a pending account has at least one reason")
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

impl fmt::Display for PendingReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for PendingReason {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.as_str() == text)
            .ok_or("a reason is no_password, locked_before, not_understood, unverified or unknown")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PendingReason::{LockedBefore, NoPassword, Unknown};

    #[test]
    fn reasons_are_kept_as_the_list_of_their_names() {
        let reasons = PendingReasons::new([LockedBefore, NoPassword, LockedBefore]).unwrap();
        let stored = serde_json::to_string(&reasons).unwrap();
        assert_eq!(stored, r#"["no_password","locked_before"]"#);
        assert_eq!(serde_json::from_str::<PendingReasons>(&stored).unwrap(), reasons);
    }

    #[test]
    fn an_account_without_a_reason_is_not_pending() {
        assert_eq!(PendingReasons::new([]), None);
        assert!(serde_json::from_str::<PendingReasons>("[]").is_err());
        assert_eq!(PendingReasons::UNKNOWN.without(Unknown), None);
    }

    #[test]
    fn every_reason_reads_back_by_its_name() {
        for reason in PendingReason::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
    }
}
