//! The states that a field can give an account, and the words for them.

use crate::fields::times::{ParsedTime, parse_time};
use crate::fields::values::{as_flag, as_text};
use jiff::Timestamp;
use serde_json::Value;

/// The state that one field gives the account.
pub(crate) enum AccountState {
    Active,
    Pending,
    Disabled {
        since: Option<Timestamp>,
        cause: DisabledCause,
    },
    /// The field does not give a state, and stays as it is.
    Unspecified,
}

/// Why a field says that the account is disabled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum DisabledCause {
    /// It says so with a flag, a word or the time of the lock.
    Stated,
    /// The lock ends at a time in the future.
    UntilLater,
    /// The account has expired.
    Expired,
}

/// Whether a value stands for "never": the maximum of LDAP's and Active Directory's clocks, a word, or a zero.
pub(crate) fn means_never(value: &Value) -> bool {
    let text = as_text(value).unwrap_or_default();
    let zero = matches!(parse_time(value), Some(ParsedTime::Never | ParsedTime::Forever));
    zero || text == "9223372036854775807"
        || text.eq_ignore_ascii_case("never")
        || text == "-1"
        || as_flag(value) == Some(false)
}

/// A status without the words for its subject: `USER_STATE_ACTIVE`, `account locked`.
fn without_subject(text: &str) -> &str {
    const SUBJECTS: [&str; 6] = ["user ", "account ", "acct ", "state ", "status ", "lifecycle "];
    let mut rest = text;
    while let Some(shorter) = SUBJECTS.iter().find_map(|subject| rest.strip_prefix(subject)) {
        rest = shorter;
    }
    rest
}

/// Whether a text, and not a flag, is a word for an account that is disabled.
pub(crate) fn is_disabled_word(text: &str) -> bool {
    let value = Value::from(text);
    as_flag(&value).is_none() && matches!(account_state(&value), Some(AccountState::Disabled { .. }))
}

/// The state that a word or a flag stands for.
pub(crate) fn account_state(value: &Value) -> Option<AccountState> {
    if let Some(flag) = as_flag(value) {
        return Some(if flag {
            AccountState::Active
        } else {
            AccountState::Disabled { since: None, cause: DisabledCause::Stated }
        });
    }
    let text = value.as_str()?.trim().to_lowercase().replace(['_', '-'], " ");
    match without_subject(&text) {
        "active" | "valid" | "approved" | "enabled" | "verified" | "confirmed" | "ok" | "normal"
        | "activated" => Some(AccountState::Active),
        "pending" | "unverified" | "unconfirmed" | "invited" | "new" | "waiting" | "registered"
        | "provisioned" | "staged" => Some(AccountState::Pending),
        "disabled" | "suspended" | "banned" | "blocked" | "deleted" | "inactive" | "deactivated"
        | "locked" | "archived" | "closed" | "removed" | "rejected" | "revoked" | "expired"
        | "locked out" | "terminated" | "frozen" | "denied" | "deprovisioned" | "compromised"
        | "discarded" | "blacklisted" | "expelled" | "retired" | "left" | "not active" | "not approved"
        | "spam" | "spammer" | "paused" | "deceased" | "anonymized" | "erased" | "trashed" | "cancelled"
        | "canceled" | "restricted" | "forbidden" | "disallowed" => {
            Some(AccountState::Disabled { since: None, cause: DisabledCause::Stated })
        }
        _ => None,
    }
}
