//! Which fields speak of an account that is shut, and in which sense.

use super::fields::{Field, words};
use super::lock_words::{ABOUT, ENDS, LOCKS, NEUTRAL, OPEN, PLAINLY_OPEN, PLAINLY_SHUT, UNTIL};

/// In which sense a field tells whether somebody may log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LockSense {
    /// A word for the status, or yes if the account is open.
    Open,
    /// A word for the status in a field that may be something else, such as a part of an address.
    OpenIfAWord,
    /// Yes if it is shut, or since when.
    Shut,
    /// Until when it is shut.
    ShutUntil,
    /// When it ends.
    Ends,
    /// A number whose bit 2 says that it is shut: `userAccountControl` of Active Directory.
    Bits,
    /// Shut if it says anything: `pwdAccountLockedTime` of LDAP, where the year 0 means for ever.
    ShutIfSet,
    /// It speaks of a lock, and it is not known of what.
    Unclear,
}

/// How plainly a field says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// By one of the names that go without saying.
    Plain,
    /// By another name: the report tells what it was taken for.
    Other,
}

/// What a field tells about a lock, if its name speaks of one.
pub(super) fn sense(field: &Field) -> Option<(LockSense, Spelling)> {
    let name = field.squashed();
    if PLAINLY_OPEN.contains(&name) {
        return Some((LockSense::Open, Spelling::Plain));
    }
    if PLAINLY_SHUT.contains(&name) {
        return Some((LockSense::Shut, Spelling::Plain));
    }
    let sense = match name {
        _ if OPEN.contains(&name) => LockSense::Open,
        _ if ENDS.contains(&name) => LockSense::Ends,
        "state" => LockSense::OpenIfAWord,
        "useraccountcontrol" => LockSense::Bits,
        "pwdaccountlockedtime" => LockSense::ShutIfSet,
        "lockoutend" | "lockoutenddate" | "lockoutenddateutc" => LockSense::ShutUntil,
        "lockoutenabled" => return None,
        _ => by_words(&unfolded(words(&field.name)))?,
    };
    Some((sense, Spelling::Other))
}

fn by_words(words: &[String]) -> Option<LockSense> {
    let is_in = |list: &[&str], word: &str| list.contains(&word);
    if !words.iter().any(|word| is_in(&LOCKS, word)) || words.iter().any(|word| is_in(&ABOUT, word)) {
        return None;
    }
    // Those whom somebody has blocked, the posts that were deleted.
    let last = words.last().map_or("", String::as_str);
    if last.ends_with('s') && !is_in(&LOCKS, last) && !is_in(&NEUTRAL, last) && !is_in(&UNTIL, last) {
        return None;
    }
    let mut until = false;
    for word in words.iter().filter(|word| !is_in(&LOCKS, word) && !is_in(&NEUTRAL, word)) {
        if !is_in(&UNTIL, word) {
            return Some(LockSense::Unclear);
        }
        until = true;
    }
    Some(if until { LockSense::ShutUntil } else { LockSense::Shut })
}

/// The words of a name that was written without a sign between them: `nsaccountlock`, `islocked`, `lockedat`.
fn unfolded(words: Vec<String>) -> Vec<String> {
    let [folded] = words.as_slice() else { return words };
    let mut before = Vec::new();
    let mut rest = folded.as_str();
    while !LOCKS.contains(&rest) {
        let front =
            ["is", "ns", "account", "acct", "user", "login"].iter().find(|word| rest.starts_with(**word));
        let Some(word) = front else { break };
        before.push((*word).to_owned());
        rest = &rest[word.len()..];
    }
    let lock = LOCKS.iter().filter(|lock| rest.starts_with(**lock)).max_by_key(|lock| lock.len());
    let Some(lock) = lock else { return words };
    let after = &rest[lock.len()..];
    if !after.is_empty() && !NEUTRAL.contains(&after) && !UNTIL.contains(&after) {
        return words;
    }
    before.push((*lock).to_owned());
    before.extend((!after.is_empty()).then(|| after.to_owned()));
    before
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn of(name: &str) -> Option<LockSense> {
        sense(&Field::new(name, Value::Null)).map(|(sense, _)| sense)
    }

    #[test]
    fn a_lock_is_known_in_every_spelling() {
        for name in [
            "locked",
            "isLocked",
            "locked_at",
            "LockedOut",
            "is_locked_out",
            "accountlocked",
            "inactive",
            "archived_at",
            "discarded_at",
            "deleted_on",
            "removed_at",
            "block",
            "ban",
            "nsAccountLock",
            "nsaccountlock",
            "user_banned",
            "banned",
            "soft_deleted",
            "closed_at",
            "isblocked",
            "lockedat",
        ] {
            assert_eq!(of(name), Some(LockSense::Shut), "{name}");
        }
        for name in
            ["banned_until", "lockedUntil", "lockoutEnd", "LockoutEndDateUtc", "ban_expires", "lockeduntil"]
        {
            assert_eq!(of(name), Some(LockSense::ShutUntil), "{name}");
        }
        for name in ["status", "accountNonLocked", "activated", "approved", "user_status", "UserStatus"] {
            assert_eq!(of(name), Some(LockSense::Open), "{name}");
        }
        for name in ["expires_at", "valid_until", "accountExpires"] {
            assert_eq!(of(name), Some(LockSense::Ends), "{name}");
        }
    }

    #[test]
    fn a_name_that_speaks_of_a_lock_on_something_else_is_unclear() {
        for name in ["ban_reason", "comments_disabled", "blocked_ip", "not_banned"] {
            assert_eq!(of(name), Some(LockSense::Unclear), "{name}");
        }
    }

    #[test]
    fn what_only_sounds_like_a_lock_is_none() {
        for name in [
            "lockoutEnabled",
            "lock_version",
            "blocked_users",
            "last_lockout_date",
            "failed_lock_attempts",
            "unlocked",
            "blocker",
            "bandwidth",
            "blockchain",
            "clock",
            "reset_expires",
            "locker",
            "username",
        ] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
