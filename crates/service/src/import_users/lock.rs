//! Which fields speak of an account that is shut, and in which sense.

use super::fields::{Field, words};
use super::lock_words::{
    ACCOUNT, COUNTS, ENDS, INSIDE, LOCKS, LOGINS, MEASURES, NEGATIONS, NEUTRAL, NOUNS, OPEN, OPENS, OTHERS,
    PAST, PERMITS, PLAINLY_OPEN, PLAINLY_SHUT, SHUT, UNLOCKS, UNTIL,
};

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
    /// Names of roles, one of which may say that it is shut: `nsRoleDN` of 389 Directory Server.
    RoleNames,
    /// It speaks of a lock, and it is not known of what.
    Unclear,
    /// It speaks of the lack of a lock, and it is not known of what lock.
    UnclearlyOpen,
    /// A number beside a lock, such as `lock_version`; unclear if it is something else.
    Count,
    /// When a lock began that is over, such as `last_lockout_date`; unclear if it is something else.
    Past,
    /// A list of others, such as `blocked_users`; unclear if it is something else.
    Others,
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
        _ if SHUT.contains(&name) => LockSense::Shut,
        "nsroledn" | "nsrole" => LockSense::RoleNames,
        "state" => LockSense::OpenIfAWord,
        "useraccountcontrol" => LockSense::Bits,
        "pwdaccountlockedtime" => LockSense::ShutIfSet,
        "lockoutend" | "lockoutenddate" | "lockoutenddateutc" => LockSense::ShutUntil,
        "lockoutenabled" => return None,
        _ => by_words(&unfolded(words(&field.name)))?,
    };
    Some((sense, Spelling::Other))
}

fn is_in(list: &[&str], word: &str) -> bool {
    list.contains(&word)
}

fn by_words(words: &[String]) -> Option<LockSense> {
    let has = |list: &[&str]| words.iter().any(|word| is_in(list, word));
    let turns = words.iter().filter(|word| is_in(&NEGATIONS, word) || is_in(&UNLOCKS, word)).count();
    let negated = turns % 2 == 1;
    if !has(&LOCKS) && !has(&UNLOCKS) {
        let shut = if negated { LockSense::Shut } else { LockSense::Open };
        return speaks_of_the_account(words).then_some(shut);
    }
    let plain =
        |word: &String| [&LOCKS[..], &NEUTRAL, &NEGATIONS, &UNLOCKS].iter().any(|list| is_in(list, word));
    if turns > 0 {
        let open = if words.iter().all(plain) { LockSense::Open } else { LockSense::UnclearlyOpen };
        return Some(if negated { open } else { LockSense::Unclear });
    }
    if let Some(sense) = beside_a_lock(words) {
        return Some(sense);
    }
    let others: Vec<_> = words.iter().filter(|word| !plain(word)).collect();
    Some(match others.as_slice() {
        [] => LockSense::Shut,
        others if others.iter().all(|word| is_in(&UNTIL, word)) => LockSense::ShutUntil,
        _ => LockSense::Unclear,
    })
}

/// Names that need not speak of a lock that is in force: the value tells.
fn beside_a_lock(words: &[String]) -> Option<LockSense> {
    let last = words.last()?;
    let mut locks = words.iter().filter(|word| is_in(&LOCKS, word));
    let nouns = locks.all(|lock| is_in(&NOUNS, lock));
    if is_in(&COUNTS, last) || (nouns && is_in(&MEASURES, last)) {
        return Some(LockSense::Count);
    }
    if nouns && words.iter().any(|word| is_in(&PAST, word)) {
        return Some(LockSense::Past);
    }
    is_in(&OTHERS, last).then_some(LockSense::Others)
}

/// Whether a name without a word of a lock tells of the account itself whether it is open: `can_login`, `user_active`.
/// A time, as in `activated_at`, does not.
fn speaks_of_the_account(words: &[String]) -> bool {
    let opens: Vec<_> = words.iter().filter(|word| is_in(&OPENS, word)).collect();
    let permits = opens.iter().any(|word| is_in(&PERMITS, word));
    let login = words.iter().any(|word| is_in(&LOGINS, word));
    let known = |word: &String| is_in(&OPENS, word) || is_in(&ACCOUNT, word) || is_in(&NEGATIONS, word);
    let rest = words.iter().enumerate().all(|(index, word)| {
        known(word) || (word == "admin" && index.checked_sub(1).is_some_and(|before| words[before] == "by"))
    });
    !opens.is_empty() && rest && (login || !permits)
}

/// The words of a name, also of parts that were written without a sign between them: `nsaccountlock`, `islocked`.
fn unfolded(words: Vec<String>) -> Vec<String> {
    /// Longer words are no name that somebody typed.
    const MAX_LEN: usize = 48;
    let unfold = |word: String| {
        if word.len() > MAX_LEN || is_known(&word) {
            return vec![word];
        }
        if let Some(parts) = split(&word) {
            return parts;
        }
        let lock = INSIDE.iter().find(|lock| word.starts_with(**lock) || word.ends_with(**lock));
        match lock {
            Some(lock) => vec![(*lock).to_owned(), word],
            None => vec![word],
        }
    };
    words.into_iter().flat_map(unfold).collect()
}

fn known_words() -> impl Iterator<Item = &'static str> {
    let lists = [&LOCKS[..], &UNLOCKS, &OPENS, &NEUTRAL, &UNTIL, &NEGATIONS, &ACCOUNT];
    lists.into_iter().flatten().copied()
}

fn is_known(word: &str) -> bool {
    let beside = [&COUNTS[..], &MEASURES, &PAST, &OTHERS];
    known_words().any(|known| known == word) || beside.iter().any(|list| is_in(list, word))
}

/// A text as a run of known words, if it is one.
fn split(text: &str) -> Option<Vec<String>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let mut fronts: Vec<_> = known_words().filter(|word| text.starts_with(word)).collect();
    fronts.sort_by_key(|word| std::cmp::Reverse(word.len()));
    fronts.dedup();
    fronts.into_iter().find_map(|front| {
        let rest = split(&text[front.len()..])?;
        Some([vec![front.to_owned()], rest].concat())
    })
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
        for name in [
            "ban_reason",
            "comments_disabled",
            "blocked_ip",
            "locked_by_policy",
            "last_banned_until",
            "blocked_access",
        ] {
            assert_eq!(of(name), Some(LockSense::Unclear), "{name}");
        }
    }

    #[test]
    fn a_name_that_denies_a_lock_says_that_the_account_is_open() {
        for name in
            ["not_banned", "isNonLocked", "user_non_locked", "accountNotLocked", "unlocked", "isunlocked"]
        {
            assert_eq!(of(name), Some(LockSense::Open), "{name}");
        }
        assert_eq!(of("not_banned_from_forum"), Some(LockSense::UnclearlyOpen));
        assert_eq!(of("not_active"), Some(LockSense::Shut));
    }

    #[test]
    fn what_stands_beside_a_lock_is_told_by_its_value() {
        for (name, sense) in [
            ("lock_version", LockSense::Count),
            ("failed_lock_attempts", LockSense::Count),
            ("blocked_users", LockSense::Others),
            ("last_lockout_date", LockSense::Past),
            ("ban_timeout", LockSense::Count),
            ("locked_after_failed_attempts", LockSense::Unclear),
        ] {
            assert_eq!(of(name), Some(sense), "{name}");
        }
    }

    #[test]
    fn what_only_sounds_like_a_lock_is_none() {
        for name in [
            "lockoutEnabled",
            "blocker",
            "bandwidth",
            "blockchain",
            "clock",
            "reset_expires",
            "locker",
            "username",
            "mfa_enabled",
            "activated_at",
            "last_active",
            "address_state",
            "subscription_status",
            "canonical",
        ] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
