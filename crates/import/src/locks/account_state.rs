//! The states that a field can give an account, and the words for them.

use crate::fields::times::{ParsedTime, parse_time};
use crate::fields::values::{as_flag, as_text};
use crate::locks::account_words::{WAITING_COMPANIONS, WAITING_WORDS};
use crate::locks::foreign_words::{
    FOREIGN_ACTIVE_WORDS, FOREIGN_LOCK_WORDS, FOREIGN_SUBJECTS, FOREIGN_WAITING_WORDS,
};
use crate::naming::words;
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
    while let Some(shorter) =
        SUBJECTS.iter().chain(FOREIGN_SUBJECTS).find_map(|subject| rest.strip_prefix(subject))
    {
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
    let original = value.as_str()?.trim();
    let text = original.to_lowercase().replace(['_', '-'], " ");
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
        word if FOREIGN_ACTIVE_WORDS.contains(&word) => Some(AccountState::Active),
        word if FOREIGN_LOCK_WORDS.contains(&word) => {
            Some(AccountState::Disabled { since: None, cause: DisabledCause::Stated })
        }
        _ => is_waiting_text(original).then_some(AccountState::Pending),
    }
}

/// Whether a text says that the account awaits confirmation: `pending`, `waiting for approval`, `needs_verification`.
pub(crate) fn is_waiting_text(text: &str) -> bool {
    /// Words that do not change the meaning.
    const NEUTRAL: [&str; 8] = ["is", "to", "be", "by", "user", "account", "registration", "status"];
    let text = text.trim();
    let words = words(text);
    let is_one_of = |list: &[&str], word: &String| list.contains(&&**word);
    let is_phrase = words.iter().any(|word| is_one_of(WAITING_WORDS, word))
        && words.iter().all(|word| {
            [WAITING_WORDS, WAITING_COMPANIONS, &NEUTRAL].iter().any(|list| is_one_of(list, word))
        });
    let lower = text.to_lowercase().replace(['_', '-'], " ");
    is_phrase || FOREIGN_WAITING_WORDS.contains(&without_subject(&lower))
}
