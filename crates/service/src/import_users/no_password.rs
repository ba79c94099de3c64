//! Which texts stand in the place of a password and are none.

use super::secret_text::{is_modular, unwrapped};
use roster_auth::password::Scheme;
use std::fmt;

/// Why a text is nobody's password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPassword {
    /// A mask, such as a row of asterisks.
    Mask,
    /// A word that stands for none.
    Placeholder,
    /// A mark of an account without a password.
    Marker,
    /// A mark of an account whose password was locked.
    Locked,
    /// More than three records have it.
    Shared,
}

impl fmt::Display for NoPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mask => "a mask",
            Self::Placeholder => "a placeholder",
            Self::Marker => "a mark that there is none",
            Self::Locked => "a mark that it was locked",
            Self::Shared => "more than three records have the same text",
        })
    }
}

/// Words that stand for no password, in lower case.
const PLACEHOLDERS: [&str; 38] = [
    "null",
    "(null)",
    "<null>",
    "nil",
    "none",
    "n/a",
    "na",
    "nan",
    "undefined",
    "\\n",
    "not cached",
    "to be generated",
    "restored",
    "not set",
    "notset",
    "unset",
    "no password",
    "nopassword",
    "no_password",
    "unknown",
    "empty",
    "hidden",
    "<hidden>",
    "[hidden]",
    "redacted",
    "[redacted]",
    "<redacted>",
    "filtered",
    "[filtered]",
    "masked",
    "[masked]",
    "protected",
    "[protected]",
    "placeholder",
    "xxx",
    "external",
    "oauth",
    "sso",
];

/// Words that mark an account without a password, in lower case.
const MARKERS: [&str; 13] =
    ["!", "!!", "!*", "*", "**", "*!", "*np*", "np", "x", "-", "unusable", "invalid", "ldap"];

/// Words that mark an account that was locked, in lower case and without the signs around them.
const LOCK_MARKS: [&str; 8] =
    ["lk", "locked", "disabled", "suspended", "banned", "blocked", "deactivated", "deleted"];

/// Why a text is nobody's password, if it is a mask, a placeholder or a marker.
pub(super) fn no_password(text: &str) -> Option<NoPassword> {
    let text = unwrapped(text);
    let lower = text.to_lowercase();
    if is_lock_mark(&lower) || is_locked_hash(text) {
        return Some(NoPassword::Locked);
    }
    if MARKERS.contains(&&*lower) {
        return Some(NoPassword::Marker);
    }
    if PLACEHOLDERS.contains(&&*lower) {
        return Some(NoPassword::Placeholder);
    }
    if is_mask(text) {
        return Some(NoPassword::Mask);
    }
    // Django writes "!" and forty random characters.
    let random = text.strip_prefix('!')?;
    let django = random.len() == 40 && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    django.then_some(NoPassword::Marker)
}

fn is_lock_mark(lower: &str) -> bool {
    LOCK_MARKS.contains(&lower.trim_matches(|char: char| !char.is_alphanumeric()))
}

/// A hash behind a sign or a word of a lock: `!$2b$…`, `*LK*$2b$…`, `!{bcrypt}$2b$…`.
fn is_locked_hash(text: &str) -> bool {
    let Some(begin) = text.find(['$', '{']) else { return false };
    let (mark, hash) = text.split_at(begin);
    let hash = unwrapped(hash);
    let marked = mark.starts_with(['!', '*']) || is_lock_mark(&mark.to_lowercase());
    marked && !mark.contains(' ') && (Scheme::recognise(hash).is_ok() || is_modular(hash))
}

/// One sign again and again, or a text of which a part was made unreadable.
fn is_mask(text: &str) -> bool {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return false };
    let sign = !first.is_alphanumeric() || (matches!(first, 'x' | 'X') && text.len() >= 3);
    let dots = ["***", "•••", "●●●", "…", "∗∗∗", "⬤⬤⬤"];
    (sign && chars.all(|char| char == first)) || dots.iter().any(|dots| text.contains(dots))
}
