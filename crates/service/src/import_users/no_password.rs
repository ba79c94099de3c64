//! Which texts stand in the place of a password and are none.

use super::fields::{as_flag, words};
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
    /// An encrypted text, or where a vault keeps it.
    Encrypted,
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
            Self::Encrypted => "an encrypted text, or where a secret is kept",
            Self::Shared => "a text that more than three records share",
        })
    }
}

/// Words that stand for no password, in lower case.
const PLACEHOLDERS: [&str; 53] = [
    "set",
    "isset",
    "exists",
    "present",
    "required",
    "reset",
    "expired",
    "encrypted",
    "hashed",
    "omitted",
    "removed",
    "saml",
    "oidc",
    "kerberos",
    "pam",
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

/// Words of which phrases about a password are made, in lower case.
const VOCABULARY: [&str; 66] = [
    "reset",
    "required",
    "must",
    "change",
    "changed",
    "no",
    "not",
    "longer",
    "valid",
    "invalid",
    "auth",
    "authentication",
    "ldap",
    "saml",
    "sso",
    "oauth",
    "oauth2",
    "oidc",
    "openid",
    "external",
    "password",
    "pass",
    "none",
    "set",
    "unset",
    "encrypted",
    "hidden",
    "redacted",
    "masked",
    "expired",
    "available",
    "stored",
    "in",
    "ad",
    "active",
    "directory",
    "kerberos",
    "pam",
    "radius",
    "cas",
    "google",
    "facebook",
    "github",
    "azure",
    "user",
    "account",
    "needs",
    "need",
    "pending",
    "unknown",
    "empty",
    "is",
    "to",
    "be",
    "by",
    "admin",
    "removed",
    "migrated",
    "legacy",
    "hashed",
    "omitted",
    "exported",
    "on",
    "login",
    "next",
    "via",
];

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
    if is_encrypted(text, &lower) {
        return Some(NoPassword::Encrypted);
    }
    if as_flag(&text.into()).is_some() || is_enclosed(text) {
        return Some(NoPassword::Placeholder);
    }
    if let Some(reason) = of_phrase(text) {
        return Some(reason);
    }
    // Django writes "!" and forty random characters.
    let random = text.strip_prefix('!')?;
    let django = random.len() == 40 && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    django.then_some(NoPassword::Marker)
}

/// Words in signs: `[object Object]`, `<encrypted>`, `(hidden)`, `${PASSWORD}`, `<Buffer 24 32>`.
fn is_enclosed(text: &str) -> bool {
    const SIGNS: [(&str, &str); 8] =
        [("<", ">"), ("[", "]"), ("(", ")"), ("${", "}"), ("{{", "}}"), ("%", "%"), ("{", "}"), ("__", "__")];
    let plain = |inner: &str| {
        let signs = |char: char| char.is_alphanumeric() || " _-./:".contains(char);
        inner.contains(char::is_alphabetic) && inner.chars().all(signs)
    };
    let inner = |(begin, end): &(&str, &str)| text.strip_prefix(begin)?.strip_suffix(end).map(str::trim);
    SIGNS.iter().filter_map(inner).any(plain)
}

/// `ENC(…)`, `Buffer<24 32>`, `vault:v1:…`
fn is_encrypted(text: &str, lower: &str) -> bool {
    const PREFIXES: [&str; 12] = [
        "vault:",
        "enc:",
        "encrypted:",
        "kms:",
        "aws:",
        "arn:",
        "ssm:",
        "gcp:",
        "secret:",
        "cipher:",
        "aes:",
        "gpg:",
    ];
    let is_call = ['(', '<', '['].into_iter().zip([')', '>', ']']).any(|(begin, end)| {
        let name = text.strip_suffix(end).and_then(|rest| rest.split_once(begin)).map(|(name, _)| name);
        name.is_some_and(|name| name.len() >= 3 && name.bytes().all(|byte| byte.is_ascii_alphabetic()))
    });
    is_call || PREFIXES.iter().any(|prefix| lower.starts_with(prefix))
}

/// Why a run of words that speak of a password is none: `RESET_REQUIRED`, `no longer valid`, `locked by admin`.
fn of_phrase(text: &str) -> Option<NoPassword> {
    let is_signed = |char: char| !char.is_alphanumeric() && !" _-.:/".contains(char);
    let words = words(text);
    let known = |word: &String| VOCABULARY.contains(&&**word) || LOCK_MARKS.contains(&&**word);
    if words.len() < 2 || text.contains(is_signed) || !words.iter().all(known) {
        return None;
    }
    let locked = words.iter().any(|word| LOCK_MARKS.contains(&&**word));
    Some(if locked { NoPassword::Locked } else { NoPassword::Placeholder })
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
