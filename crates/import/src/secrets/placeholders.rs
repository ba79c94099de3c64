//! Recognises texts in password fields that are not passwords.

use crate::fields::values::as_flag;
use crate::naming::words;
use crate::report::no_password::NoPassword;
use crate::secrets::secret_text::{is_modular, unwrapped};
use roster_auth::password::Scheme;

/// Words for "no password", in lower case.
const PLACEHOLDERS: &[&str] = &[
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
    "#n/a",
    "social",
    "azuread",
    "system.byte[]",
    "\\x",
    "\\\\x",
];

/// Words that mark an account without a password, in lower case.
const MARKERS: &[&str] =
    &["!", "!!", "!*", "*", "**", "*!", "*np*", "np", "x", "-", "unusable", "invalid", "ldap"];

/// Words that mark a locked account, in lower case and without the punctuation around them.
const LOCK_MARKERS: &[&str] = &[
    "lk",
    "locked",
    "disabled",
    "suspended",
    "banned",
    "blocked",
    "deactivated",
    "deleted",
    "inactive",
    "archived",
    "closed",
    "erased",
    "anonymized",
    "anonymised",
    "nologin",
    "terminated",
    "revoked",
    "retired",
    "lock",
    "disable",
];

/// Words that phrases about a password consist of, in lower case.
const VOCABULARY: &[&str] = &[
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
    "social",
    "only",
    "azuread",
    "entra",
    "okta",
    "auth0",
    "at",
    "since",
    "unusable",
    "generated",
    "random",
    "managed",
];

/// Why a text is not a password, if it is a mask, a placeholder or a marker.
pub(crate) fn no_password(text: &str) -> Option<NoPassword> {
    let text = unwrapped(text);
    let lower = text.to_lowercase();
    let locked_prefix = lower.split_once(':').is_some_and(|(mark, _)| is_lock_marker(mark));
    if is_lock_marker(&lower) || is_locked_hash(text) || locked_prefix {
        return Some(NoPassword::Locked);
    }
    if MARKERS.contains(&&*lower) {
        return Some(NoPassword::Marker);
    }
    let word = lower.trim_start_matches('!');
    if PLACEHOLDERS.contains(&word) || MARKERS.contains(&word) {
        return Some(NoPassword::Placeholder);
    }
    if is_mask(text) {
        return Some(NoPassword::Mask);
    }
    if is_encrypted(text, &lower) {
        return Some(NoPassword::Encrypted);
    }
    if as_flag(&text.into()).is_some() || is_enclosed(text) || is_variable(text) {
        return Some(NoPassword::Placeholder);
    }
    if let Some(reason) = phrase_reason(text) {
        return Some(reason);
    }
    // Django writes "!" and forty random characters.
    let random = text.strip_prefix('!')?;
    let django = random.len() == 40 && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    django.then_some(NoPassword::Marker)
}

/// Words in brackets: `[object Object]`, `<encrypted>`, `(hidden)`, `${PASSWORD}`, `<Buffer 24 32>`.
fn is_enclosed(text: &str) -> bool {
    const BRACKETS: [(&str, &str); 8] =
        [("<", ">"), ("[", "]"), ("(", ")"), ("${", "}"), ("{{", "}}"), ("%", "%"), ("{", "}"), ("__", "__")];
    let plain = |inner: &str| {
        let is_allowed = |char: char| char.is_alphanumeric() || " _-./:".contains(char);
        inner.contains(char::is_alphabetic) && inner.chars().all(is_allowed)
    };
    let inner = |(begin, end): &(&str, &str)| text.strip_prefix(begin)?.strip_suffix(end).map(str::trim);
    BRACKETS.iter().filter_map(inner).any(plain)
}

/// The name of a variable: `$PASSWORD`.
fn is_variable(text: &str) -> bool {
    let name =
        |rest: &str| rest.len() >= 3 && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    text.strip_prefix('$').is_some_and(name)
}

/// `ENC(…)`, `Buffer<24 32>`, `vault:v1:…`
fn is_encrypted(text: &str, lower: &str) -> bool {
    const PREFIXES: &[&str] = &[
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

/// Why a phrase about a password is not one: `RESET_REQUIRED`, `no longer valid`, `locked by admin`.
fn phrase_reason(text: &str) -> Option<NoPassword> {
    let is_other_punctuation = |char: char| !char.is_alphanumeric() && !" _-.:/".contains(char);
    let words = words(text);
    // Phrases may contain dates.
    let is_number = |word: &String| word.bytes().all(|byte| byte.is_ascii_digit());
    let known = |word: &String| VOCABULARY.contains(&&**word) || LOCK_MARKERS.contains(&&**word);
    let known = |word: &String| known(word) || is_number(word);
    let text = text.trim_start_matches('!');
    if words.len() < 2
        || words.iter().all(is_number)
        || text.contains(is_other_punctuation)
        || !words.iter().all(known)
    {
        return None;
    }
    let locked = words.iter().any(|word| LOCK_MARKERS.contains(&&**word));
    Some(if locked { NoPassword::Locked } else { NoPassword::Placeholder })
}

fn is_lock_marker(lower: &str) -> bool {
    LOCK_MARKERS.contains(&lower.trim_matches(|char: char| !char.is_alphanumeric()))
}

/// A hash after a punctuation mark or a lock word: `!$2b$…`, `*LK*$2b$…`, `!{bcrypt}$2b$…`.
fn is_locked_hash(text: &str) -> bool {
    let Some(begin) = text.find(['$', '{']) else { return false };
    let (mark, hash) = text.split_at(begin);
    let hash = unwrapped(hash);
    let marked = mark.starts_with(['!', '*']) || is_lock_marker(&mark.to_lowercase());
    marked && !mark.contains(' ') && (Scheme::recognise(hash).is_ok() || is_modular(hash))
}

/// The same punctuation mark or `x` repeated, or a text that is masked in part.
fn is_mask(text: &str) -> bool {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return false };
    let is_mask_char = !first.is_alphanumeric() || (matches!(first, 'x' | 'X') && text.len() >= 3);
    let dots = ["***", "•••", "●●●", "…", "∗∗∗", "⬤⬤⬤"];
    (is_mask_char && chars.all(|char| char == first)) || dots.iter().any(|dots| text.contains(dots))
}
