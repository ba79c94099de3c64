//! What a field says about a lock, once it is known in which sense it speaks.

use super::account_state::{AccountState, Shutting, account_state, says_never};
use super::fields::{Field, as_flag, as_text, is_zero_date, words};
use super::lock::LockSense;
use super::lock_words::{LOCKS, UNLOCKS};
use super::times::{self, ParsedTime};
use jiff::Timestamp;
use serde_json::Value;

const SHUT: AccountState = AccountState::Shut { since: None, why: Shutting::Said };

/// What the field says; `None` if it is not understood.
pub(super) fn word(field: &Field, sense: LockSense, now: Timestamp) -> Option<AccountState> {
    let value = single(&field.value);
    match sense {
        // Whoever was never activated is not active; any other time that never was is no lock.
        _ if is_zero_date(value) && sense != LockSense::Open => Some(AccountState::Open),
        LockSense::Open => account_state(value).or_else(|| opened(field, value, now)),
        LockSense::OpenIfAWord => account_state(value),
        LockSense::Shut if is_nothing(value) => Some(AccountState::Silent),
        LockSense::Shut => match as_flag(value) {
            Some(true) => Some(SHUT),
            Some(false) => Some(AccountState::Open),
            None => match times::moment(value)? {
                ParsedTime::At(time) => Some(AccountState::Shut { since: Some(time), why: Shutting::Said }),
                ParsedTime::Forever => Some(SHUT),
                ParsedTime::Never => Some(AccountState::Open),
            },
        },
        LockSense::ShutUntil => match times::moment(value) {
            Some(ParsedTime::At(time)) if time <= now => Some(AccountState::Open),
            Some(ParsedTime::Never) => Some(AccountState::Open),
            Some(_) => Some(AccountState::Shut { since: None, why: Shutting::Ahead }),
            None => (as_flag(value) == Some(false)).then_some(AccountState::Open),
        },
        LockSense::Ends => ends(value, now),
        LockSense::Bits => {
            let bits: u64 = as_text(value)?.trim().parse().ok()?;
            // ADS_UF_ACCOUNTDISABLE and ADS_UF_LOCKOUT.
            Some(if bits & (0x2 | 0x10) != 0 { SHUT } else { AccountState::Open })
        }
        LockSense::ShutIfSet => {
            Some(AccountState::Shut { since: times::understood(value), why: Shutting::Said })
        }
        LockSense::RoleNames => {
            let shut = texts(&field.value).into_iter().any(|text| holds_lock_word(&text));
            Some(if shut { SHUT } else { AccountState::Silent })
        }
        LockSense::UnclearlyOpen => (as_flag(value) == Some(true)).then_some(AccountState::Silent),
        LockSense::Count if is_number(value) && !lies_ahead(value, now) => Some(AccountState::Silent),
        LockSense::Past if times::understood(value).is_some_and(|time| time <= now) => {
            Some(AccountState::Silent)
        }
        LockSense::Others if field.value.is_array() => Some(AccountState::Silent),
        LockSense::Unclear | LockSense::Count | LockSense::Past | LockSense::Others => {
            says_no(&field.value).then_some(AccountState::Silent)
        }
    }
}

/// What the time of an opening says, as in `approved`: one that is over opens, the zero of a database never did.
fn opened(field: &Field, value: &Value, now: Timestamp) -> Option<AccountState> {
    let at_times = |word: &String| matches!(&**word, "activated" | "approved" | "enabled");
    if !words(&field.name).iter().any(at_times) {
        return None;
    }
    match times::moment(value)? {
        ParsedTime::At(time) => (time <= now).then_some(AccountState::Open),
        ParsedTime::Never => Some(SHUT),
        ParsedTime::Forever => None,
    }
}

fn ends(value: &Value, now: Timestamp) -> Option<AccountState> {
    match times::moment(value) {
        Some(ParsedTime::At(time)) if time <= now => {
            Some(AccountState::Shut { since: Some(time), why: Shutting::Passed })
        }
        Some(_) => Some(AccountState::Open),
        None => says_never(value).then_some(AccountState::Open),
    }
}

/// A clear no: a flag, the zero of a time, a list of nothing.
fn says_no(value: &Value) -> bool {
    let value = single(value);
    is_nothing(value) || as_flag(value) == Some(false) || times::moment(value) == Some(ParsedTime::Never)
}

/// A list or an object of nothing.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

fn is_number(value: &Value) -> bool {
    as_text(value).is_some_and(|text| text.trim().parse::<f64>().is_ok())
}

fn lies_ahead(value: &Value, now: Timestamp) -> bool {
    times::understood(value).is_some_and(|time| time > now)
}

/// The only item of a list of one: LDAP has every value in a list.
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

/// Whether one of the words of a text is one of a lock: `banned by admin`, `cn=nsManagedDisabledRole`.
pub(super) fn holds_lock_word(text: &str) -> bool {
    let speaks = |word: &String| LOCKS.contains(&&**word) || UNLOCKS.contains(&&**word);
    words(text).iter().any(speaks) || matches!(account_state(&text.into()), Some(AccountState::Shut { .. }))
}

/// Whether a text may be the name of a region: a short code, or capitalised words without a lock among them.
pub(super) fn may_be_a_region(value: &Value) -> bool {
    const LONGEST: usize = 40;
    let Some(text) = value.as_str().map(str::trim) else { return false };
    let letters = |char: char| char.is_alphabetic() || matches!(char, ' ' | '-' | '\'' | '.' | '’');
    let code = text.chars().count() <= 3;
    let capital = text.chars().next().is_some_and(|char| !char.is_lowercase());
    text.chars().count() <= LONGEST
        && text.chars().all(letters)
        && (code || capital)
        && !holds_lock_word(text)
}
