//! Recognises the fields that say whether an account is locked, by their names.

use crate::locks::account_words::{
    ACCOUNT_WORDS, ACTIVE_WORDS, APPROVAL_WORDS, EXPIRY_COMPANIONS, EXPIRY_WORDS, LOGIN_WORDS,
    OTHER_SUBJECTS, PERMISSION_WORDS, STATE_COMPANIONS, STATE_WORDS, WAITING_COMPANIONS, WAITING_WORDS,
};
use crate::locks::compounds::split_compounds;
use crate::locks::field_names::{
    EXPIRY_NAMES, OTHER_ACTIVE_NAMES, OTHER_DISABLED_NAMES, STANDARD_ACTIVE_NAMES, STANDARD_DISABLED_NAMES,
    START_NAMES,
};
use crate::locks::foreign_words::{FOREIGN_ACTIVE_WORDS, FOREIGN_LOCK_WORDS};
use crate::locks::meaning::{LockMeaning, Spelling};
use crate::locks::words::{
    COUNT_WORDS, LOCK_NOUNS, LOCK_WORDS, MEASURE_WORDS, NEGATION_WORDS, NEUTRAL_WORDS, OTHER_ACCOUNT_WORDS,
    PAST_WORDS, UNLOCK_WORDS, UNTIL_WORDS,
};
use crate::naming::{normalized, words};

/// What a field with this name says about a lock, if the name suggests one.
pub(crate) fn meaning_of(name: &str) -> Option<(LockMeaning, Spelling)> {
    // LDAP has options after the name: `pwdAccountLockedTime;x-1`.
    let name = name.split(';').next().unwrap_or_default();
    let (words, name) = (|| split_compounds(words(name)), &*normalized(name));
    if STANDARD_ACTIVE_NAMES.contains(&name) {
        return Some((LockMeaning::Active, Spelling::Standard));
    }
    if STANDARD_DISABLED_NAMES.contains(&name) {
        return Some((LockMeaning::Locked, Spelling::Standard));
    }
    let meaning = match name {
        _ if OTHER_ACTIVE_NAMES.contains(&name) => LockMeaning::Active,
        _ if EXPIRY_NAMES.contains(&name) => LockMeaning::ExpiresAt,
        _ if OTHER_DISABLED_NAMES.contains(&name) => LockMeaning::Locked,
        "nsroledn" | "nsrole" => LockMeaning::RoleNames,
        "state" => LockMeaning::ActiveIfKnownWord,
        "useraccountcontrol" => LockMeaning::AccountControlBits,
        "pwdaccountlockedtime" => LockMeaning::LockedIfSet,
        "lockoutend" | "lockoutenddate" | "lockoutenddateutc" | "ipbexpiry" => LockMeaning::LockedUntil,
        "sambaacctflags" => LockMeaning::SambaFlags,
        "lockoutenabled" => return None,
        // MediaWiki.
        "blockid" | "blockreason" | "banid" | "banreason" => LockMeaning::Unclear,
        _ if START_NAMES.contains(&name) => LockMeaning::ValidFrom,
        _ => meaning_by_words(&words())?,
    };
    Some((meaning, Spelling::Other))
}

/// Whether a column with this name may say that an account is locked.
#[must_use]
pub fn may_say_locked(column: &str) -> bool {
    use LockMeaning::{Counter, KindOfAccount, OtherAccounts, PastLock, RoleNames, StateOfSomething};
    let weak = [Counter, KindOfAccount, OtherAccounts, PastLock, RoleNames, StateOfSomething];
    meaning_of(column).is_some_and(|(meaning, _)| !weak.contains(&meaning))
}

/// What the lock words of a name have in common with those of a related field: `ban` for `banned_at` and
/// `ban_expires`.
pub(crate) fn lock_stem(name: &str) -> Option<String> {
    const LETTERS: usize = 3;
    let words = split_compounds(words(name));
    let lock = words.iter().find(|word| is_lock_word(word))?;
    Some(lock.chars().take(LETTERS).collect())
}

fn is_in(list: &[&str], word: &str) -> bool {
    list.contains(&word)
}

/// Whether a word stands for a lock, in any language.
pub(crate) fn is_lock_word(word: &str) -> bool {
    is_in(LOCK_WORDS, word) || is_in(FOREIGN_LOCK_WORDS, word)
}

fn is_active_word(word: &str) -> bool {
    is_in(ACTIVE_WORDS, word) || is_in(FOREIGN_ACTIVE_WORDS, word)
}

fn meaning_by_words(words: &[String]) -> Option<LockMeaning> {
    let has = |list: &[&str]| words.iter().any(|word| is_in(list, word));
    let inversions =
        words.iter().filter(|word| is_in(NEGATION_WORDS, word) || is_in(UNLOCK_WORDS, word)).count();
    let negated = inversions % 2 == 1;
    if has(OTHER_SUBJECTS) && !has(EXPIRY_WORDS) && has_only_weak_locks(words) {
        return None;
    }
    if !words.iter().any(|word| is_lock_word(word)) && !has(UNLOCK_WORDS) {
        return meaning_without_a_lock(words, negated);
    }
    if has(UNLOCK_WORDS) && words.iter().all(|word| is_in(UNLOCK_WORDS, word) || is_in(NEUTRAL_WORDS, word)) {
        let at_a_time = words.iter().any(|word| ["at", "on", "time", "date"].contains(&&**word));
        let is_planned =
            words.iter().any(|word| ["unban", "unlock", "unblock", "unsuspend"].contains(&&**word));
        if at_a_time && is_planned {
            return Some(LockMeaning::LockedUntil);
        }
    }
    let is_neutral = |word: &String| {
        is_lock_word(word)
            || [NEUTRAL_WORDS, NEGATION_WORDS, UNLOCK_WORDS].iter().any(|list| is_in(list, word))
    };
    if inversions > 0 {
        let unlocked =
            if words.iter().all(is_neutral) { LockMeaning::Active } else { LockMeaning::UnclearUnlock };
        return Some(if negated { unlocked } else { LockMeaning::Unclear });
    }
    if let Some(meaning) = meaning_beside_a_lock(words) {
        return Some(meaning);
    }
    let others: Vec<_> = words.iter().filter(|word| !is_neutral(word)).collect();
    Some(match others.as_slice() {
        [] => LockMeaning::Locked,
        others if others.iter().all(|word| is_in(UNTIL_WORDS, word)) => LockMeaning::LockedUntil,
        _ => LockMeaning::Unclear,
    })
}

/// Whether the lock words of a name are those that things other than accounts have too: `newsletter_disabled`,
/// `delete_self_enabled`.
fn has_only_weak_locks(words: &[String]) -> bool {
    const WEAK: [&str; 8] =
        ["disabled", "disable", "delete", "cancelled", "canceled", "paused", "inactive", "expired"];
    let mut locks = words.iter().filter(|word| is_lock_word(word) || is_in(UNLOCK_WORDS, word));
    locks.all(|word| WEAK.contains(&&**word))
}

fn meaning_without_a_lock(words: &[String], negated: bool) -> Option<LockMeaning> {
    let has = |list: &[&str]| words.iter().any(|word| is_in(list, word));
    let all = |lists: &[&[&str]]| words.iter().all(|word| lists.iter().any(|list| is_in(list, word)));
    if describes_the_account(words) {
        return Some(if negated { LockMeaning::Locked } else { LockMeaning::Active });
    }
    if has(EXPIRY_WORDS) && all(&[EXPIRY_WORDS, EXPIRY_COMPANIONS, ACCOUNT_WORDS, NEUTRAL_WORDS]) {
        return Some(LockMeaning::ExpiresAt);
    }
    if has(WAITING_WORDS) && all(&[WAITING_WORDS, WAITING_COMPANIONS, ACCOUNT_WORDS, NEUTRAL_WORDS]) {
        return Some(LockMeaning::Waiting);
    }
    if has(APPROVAL_WORDS) && all(&[APPROVAL_WORDS, STATE_COMPANIONS, STATE_WORDS]) {
        return Some(LockMeaning::Approval);
    }
    if has(STATE_WORDS) && all(&[STATE_COMPANIONS, STATE_WORDS]) {
        return Some(LockMeaning::KindOfAccount);
    }
    let last = words.last()?;
    (is_in(STATE_WORDS, last) && !has(OTHER_SUBJECTS)).then_some(LockMeaning::StateOfSomething)
}

/// The meaning of names that do not imply a current lock, such as counters. The value decides.
fn meaning_beside_a_lock(words: &[String]) -> Option<LockMeaning> {
    let last = words.last()?;
    let mut locks = words.iter().filter(|word| is_lock_word(word));
    let all_nouns = locks.all(|lock| is_in(LOCK_NOUNS, lock));
    if is_in(COUNT_WORDS, last) || (all_nouns && is_in(MEASURE_WORDS, last)) {
        return Some(LockMeaning::Counter);
    }
    if all_nouns && words.iter().any(|word| is_in(PAST_WORDS, word)) {
        return Some(LockMeaning::PastLock);
    }
    is_in(OTHER_ACCOUNT_WORDS, last).then_some(LockMeaning::OtherAccounts)
}

/// Whether a name without a lock word says if the account itself is active: `can_login`, `user_active`. Times,
/// such as `activated_at`, do not.
fn describes_the_account(words: &[String]) -> bool {
    let active: Vec<_> = words.iter().filter(|word| is_active_word(word)).collect();
    let needs_login = active.iter().any(|word| is_in(PERMISSION_WORDS, word));
    let has_login = words.iter().any(|word| is_in(LOGIN_WORDS, word));
    let known =
        |word: &String| is_active_word(word) || is_in(ACCOUNT_WORDS, word) || is_in(NEGATION_WORDS, word);
    let only_known = words.iter().enumerate().all(|(index, word)| {
        let by_admin = index.checked_sub(1).is_some_and(|before| words[before] == "by")
            || words.get(index + 1).is_some_and(|next| next == "approved");
        known(word) || (word == "admin" && by_admin)
    });
    !active.is_empty() && only_known && (has_login || !needs_login)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Option<LockMeaning> {
        meaning_of(name).map(|(meaning, _)| meaning)
    }

    #[test]
    fn a_lock_is_recognised_in_every_spelling() {
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
            assert_eq!(of(name), Some(LockMeaning::Locked), "{name}");
        }
        for name in
            ["banned_until", "lockedUntil", "lockoutEnd", "LockoutEndDateUtc", "ban_expires", "lockeduntil"]
        {
            assert_eq!(of(name), Some(LockMeaning::LockedUntil), "{name}");
        }
        for name in ["status", "accountNonLocked", "activated", "approved", "user_status", "UserStatus"] {
            assert_eq!(of(name), Some(LockMeaning::Active), "{name}");
        }
        for name in ["expires_at", "valid_until", "accountExpires"] {
            assert_eq!(of(name), Some(LockMeaning::ExpiresAt), "{name}");
        }
    }

    #[test]
    fn a_lock_on_something_else_is_unclear() {
        for name in [
            "ban_reason",
            "comments_disabled",
            "blocked_ip",
            "locked_by_policy",
            "last_banned_until",
            "blocked_access",
        ] {
            assert_eq!(of(name), Some(LockMeaning::Unclear), "{name}");
        }
    }

    #[test]
    fn a_negated_lock_means_that_the_account_is_active() {
        for name in
            ["not_banned", "isNonLocked", "user_non_locked", "accountNotLocked", "unlocked", "isunlocked"]
        {
            assert_eq!(of(name), Some(LockMeaning::Active), "{name}");
        }
        assert_eq!(of("not_banned_from_forum"), Some(LockMeaning::UnclearUnlock));
        assert_eq!(of("not_active"), Some(LockMeaning::Locked));
    }

    #[test]
    fn counters_lists_and_past_locks_depend_on_their_value() {
        for (name, meaning) in [
            ("lock_version", LockMeaning::Counter),
            ("failed_lock_attempts", LockMeaning::Counter),
            ("blocked_users", LockMeaning::OtherAccounts),
            ("last_lockout_date", LockMeaning::PastLock),
            ("ban_timeout", LockMeaning::Counter),
            ("locked_after_failed_attempts", LockMeaning::Unclear),
        ] {
            assert_eq!(of(name), Some(meaning), "{name}");
        }
    }

    #[test]
    fn names_that_resemble_a_lock_are_ignored() {
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
