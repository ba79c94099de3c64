//! The words by which a field tells whether an account is open.

use super::fields::{as_flag, as_text};
use super::times::{self, ParsedTime};
use jiff::Timestamp;
use serde_json::Value;

/// What one field says.
pub(super) enum AccountState {
    Open,
    Pending,
    Shut {
        since: Option<Timestamp>,
        why: Shutting,
    },
    /// Nothing about the account: the field stays as it is.
    Silent,
}

/// How a field says that an account is shut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shutting {
    /// By a flag, a word or the time since when.
    Said,
    /// Until a time that lies ahead.
    Ahead,
    /// The account had an end, which has passed.
    Passed,
}

/// The largest number of LDAP's and Active Directory's clocks, and words that stand for no end.
pub(super) fn says_never(value: &Value) -> bool {
    let text = as_text(value).unwrap_or_default();
    let zero = matches!(times::moment(value), Some(ParsedTime::Never | ParsedTime::Forever));
    zero || text == "9223372036854775807"
        || text.eq_ignore_ascii_case("never")
        || text == "-1"
        || as_flag(value) == Some(false)
}

/// What a word or a flag means for an account.
pub(super) fn account_state(value: &Value) -> Option<AccountState> {
    if let Some(flag) = as_flag(value) {
        return Some(if flag {
            AccountState::Open
        } else {
            AccountState::Shut { since: None, why: Shutting::Said }
        });
    }
    match value.as_str()?.trim().to_lowercase().replace(['_', '-'], " ").as_str() {
        "active" | "approved" | "enabled" | "verified" | "confirmed" | "ok" | "normal" | "activated" => {
            Some(AccountState::Open)
        }
        "pending" | "unverified" | "unconfirmed" | "invited" | "new" | "waiting" | "registered"
        | "provisioned" | "staged" => Some(AccountState::Pending),
        "disabled" | "suspended" | "banned" | "blocked" | "deleted" | "inactive" | "deactivated"
        | "locked" | "archived" | "closed" | "removed" | "rejected" | "revoked" | "expired"
        | "locked out" | "terminated" | "frozen" | "denied" | "deprovisioned" | "compromised"
        | "discarded" | "blacklisted" | "expelled" | "retired" | "left" | "not active" | "not approved"
        | "trashed" | "cancelled" | "canceled" | "restricted" | "forbidden" | "disallowed" => {
            Some(AccountState::Shut { since: None, why: Shutting::Said })
        }
        _ => None,
    }
}
