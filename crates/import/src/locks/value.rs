//! Reads the value of a lock field.

use crate::fields::field::Field;
use crate::fields::times::{ParsedTime, as_time, parse_time};
use crate::fields::values::{as_flag, as_text, is_null_word, is_zero_date};
use crate::locks::account_state::{
    AccountState, DisabledCause, account_state, is_disabled_word, is_waiting_text, means_never,
};
use crate::locks::account_words::WAITING_COMPANIONS;
use crate::locks::meaning::LockMeaning;
use crate::locks::recognition::is_lock_word;
use crate::locks::words::UNLOCK_WORDS;
use crate::naming::words;
use jiff::Timestamp;
use serde_json::Value;

const DISABLED: AccountState = AccountState::Disabled { since: None, cause: DisabledCause::Stated };

/// The state that a field with this meaning gives the account; `None` if it is not understood.
pub(crate) fn lock_state(field: &Field, meaning: LockMeaning, now: Timestamp) -> Option<AccountState> {
    let value = single(&field.value);
    // A date of zeros means "never": never activated is not active, and never locked is not locked.
    if is_zero_date(value) && !matches!(meaning, LockMeaning::Active | LockMeaning::Approval) {
        return Some(AccountState::Active);
    }
    if is_null_word(value) && may_be_null(meaning) {
        return Some(AccountState::Unspecified);
    }
    match meaning {
        LockMeaning::Active => account_state(value).or_else(|| activation_time(field, value, now)),
        LockMeaning::ActiveIfKnownWord => account_state(value),
        LockMeaning::Locked => locked(value),
        LockMeaning::LockedUntil => locked_until(value, now),
        LockMeaning::ExpiresAt => expiry(value, now),
        LockMeaning::ValidFrom => valid_from(value, now),
        LockMeaning::Waiting => waiting(value),
        LockMeaning::AccountControlBits => account_control(value),
        LockMeaning::SambaFlags => Some(disabled_if(value.as_str()?.contains(['D', 'L']))),
        LockMeaning::LockedIfSet => {
            Some(AccountState::Disabled { since: as_time(value), cause: DisabledCause::Stated })
        }
        LockMeaning::RoleNames => {
            Some(disabled_if(texts(&field.value).iter().any(|text| contains_lock_word(text))))
        }
        LockMeaning::Approval => approval(&field.value, now),
        LockMeaning::KindOfAccount => kind_of_account(&field.value),
        LockMeaning::StateOfSomething
        | LockMeaning::UnclearUnlock
        | LockMeaning::Unclear
        | LockMeaning::Counter
        | LockMeaning::PastLock
        | LockMeaning::OtherAccounts => {
            is_harmless(&field.value, meaning, now).then_some(AccountState::Unspecified)
        }
    }
}

/// The state in the bits of Active Directory's `userAccountControl`.
fn account_control(value: &Value) -> Option<AccountState> {
    const ADS_UF_ACCOUNTDISABLE: u64 = 0x2;
    const ADS_UF_LOCKOUT: u64 = 0x10;
    let bits: u64 = as_text(value)?.trim().parse().ok()?;
    Some(disabled_if(bits & (ADS_UF_ACCOUNTDISABLE | ADS_UF_LOCKOUT) != 0))
}

/// Whether a word for null says that there is no such lock.
const fn may_be_null(meaning: LockMeaning) -> bool {
    matches!(
        meaning,
        LockMeaning::Locked
            | LockMeaning::LockedUntil
            | LockMeaning::ExpiresAt
            | LockMeaning::ValidFrom
            | LockMeaning::Waiting
            | LockMeaning::Unclear
    )
}

const fn disabled_if(is_locked: bool) -> AccountState {
    if is_locked { DISABLED } else { AccountState::Unspecified }
}

/// Whether a field that may be about a lock is not, by its value.
fn is_harmless(value: &Value, meaning: LockMeaning, now: Timestamp) -> bool {
    let item = single(value);
    match meaning {
        LockMeaning::StateOfSomething => !texts(value).iter().any(|text| is_disabled_word(text)),
        LockMeaning::UnclearUnlock => as_flag(item) == Some(true),
        LockMeaning::Counter if is_number(item) && !is_in_future(item, now) => true,
        LockMeaning::PastLock if as_time(item).is_some_and(|time| time <= now) => true,
        LockMeaning::OtherAccounts if value.is_array() => true,
        _ => means_no(value),
    }
}

fn valid_from(value: &Value, now: Timestamp) -> Option<AccountState> {
    Some(match parse_time(value)? {
        ParsedTime::At(time) if time <= now => AccountState::Unspecified,
        ParsedTime::Never => AccountState::Unspecified,
        ParsedTime::At(_) | ParsedTime::Forever => {
            AccountState::Disabled { since: None, cause: DisabledCause::UntilLater }
        }
    })
}

/// A word for waiting decides. A refusal is not understood, and other words, such as `manual`, do not matter.
fn approval(value: &Value, now: Timestamp) -> Option<AccountState> {
    let item = single(value);
    match as_flag(item) {
        Some(true) => return Some(AccountState::Unspecified),
        Some(false) => return None,
        None if is_number(item) && as_time(item).is_none_or(|time| time > now) => return None,
        None if is_zero_date(item) => return None,
        None => {}
    }
    kind_of_account(value)
}

fn kind_of_account(value: &Value) -> Option<AccountState> {
    let texts = texts(value);
    if texts.iter().any(|text| is_disabled_word(text)) {
        return None;
    }
    let is_waiting = texts.iter().any(|text| is_waiting_text(text));
    Some(if is_waiting { AccountState::Pending } else { AccountState::Unspecified })
}

/// A flag or a word for waiting decides. A time, such as `invited_at`, and a list, such as `pending_invitations`, do not.
fn waiting(value: &Value) -> Option<AccountState> {
    match as_flag(value) {
        Some(true) => Some(AccountState::Pending),
        Some(false) => Some(AccountState::Unspecified),
        None if value.is_array() || parse_time(value).is_some() => Some(AccountState::Unspecified),
        None => {
            let text = value.as_str()?.trim().to_lowercase();
            let is_waiting = is_waiting_text(&text) || WAITING_COMPANIONS.contains(&&*text);
            is_waiting.then_some(AccountState::Pending)
        }
    }
}

fn locked(value: &Value) -> Option<AccountState> {
    if is_empty_container(value) {
        return Some(AccountState::Unspecified);
    }
    match as_flag(value) {
        Some(true) => Some(DISABLED),
        Some(false) => Some(AccountState::Active),
        None => Some(match parse_time(value)? {
            ParsedTime::At(time) => {
                AccountState::Disabled { since: Some(time), cause: DisabledCause::Stated }
            }
            ParsedTime::Forever => DISABLED,
            ParsedTime::Never => AccountState::Active,
        }),
    }
}

fn locked_until(value: &Value, now: Timestamp) -> Option<AccountState> {
    match parse_time(value) {
        Some(ParsedTime::At(time)) if time <= now => Some(AccountState::Active),
        Some(ParsedTime::Never) => Some(AccountState::Active),
        Some(_) => Some(AccountState::Disabled { since: None, cause: DisabledCause::UntilLater }),
        None => (as_flag(value) == Some(false)).then_some(AccountState::Active),
    }
}

/// The state by the time of an activation, as in `approved`. A past time activates the account; a zero value means
/// that it never was.
fn activation_time(field: &Field, value: &Value, now: Timestamp) -> Option<AccountState> {
    let is_activation = |word: &String| {
        matches!(&**word, "activated" | "approved" | "enabled") || UNLOCK_WORDS.contains(&&**word)
    };
    if !words(&field.name).iter().any(is_activation) {
        return None;
    }
    match parse_time(value)? {
        ParsedTime::At(time) => (time <= now).then_some(AccountState::Active),
        ParsedTime::Never => Some(DISABLED),
        ParsedTime::Forever => None,
    }
}

fn expiry(value: &Value, now: Timestamp) -> Option<AccountState> {
    match parse_time(value) {
        Some(ParsedTime::At(time)) if time <= now => {
            Some(AccountState::Disabled { since: Some(time), cause: DisabledCause::Expired })
        }
        Some(_) => Some(AccountState::Active),
        None => means_never(value).then_some(AccountState::Active),
    }
}

/// Whether a value clearly means no: false, a zero time, or nothing.
fn means_no(value: &Value) -> bool {
    let value = single(value);
    is_empty_container(value) || as_flag(value) == Some(false) || parse_time(value) == Some(ParsedTime::Never)
}

/// Whether a value is an empty list or object.
fn is_empty_container(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn is_number(value: &Value) -> bool {
    as_text(value).is_some_and(|text| text.trim().parse::<f64>().is_ok())
}

fn is_in_future(value: &Value, now: Timestamp) -> bool {
    as_time(value).is_some_and(|time| time > now)
}

/// The item of a list of one. LDAP puts every value into a list.
fn single(value: &Value) -> &Value {
    match value {
        Value::Array(items) => match items.as_slice() {
            [item] => item,
            _ => value,
        },
        _ => value,
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(as_text).collect(),
        value => as_text(value).into_iter().collect(),
    }
}

/// Whether a text contains a lock word: `banned by admin`, `cn=nsManagedDisabledRole`.
pub(crate) fn contains_lock_word(text: &str) -> bool {
    words(text).iter().any(|word| is_lock_word(word) || UNLOCK_WORDS.contains(&&**word))
        || matches!(account_state(&text.into()), Some(AccountState::Disabled { .. }))
}

/// Whether a text may be the name of a region: a short code, or capitalised words without a lock word.
pub(crate) fn looks_like_region(value: &Value) -> bool {
    const MAX_LEN: usize = 40;
    let Some(text) = value.as_str().map(str::trim) else { return false };
    let is_allowed = |char: char| char.is_alphabetic() || matches!(char, ' ' | '-' | '\'' | '.' | '’');
    let is_code = text.chars().count() <= 3;
    let is_capitalised = text.chars().next().is_some_and(|char| !char.is_lowercase());
    text.chars().count() <= MAX_LEN
        && text.chars().all(is_allowed)
        && (is_code || is_capitalised)
        && !contains_lock_word(text)
}
