//! What a text is that may be a secret: a wrapped hash, a marker, a foreign hash, a token.

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

/// What encloses a hash in the text of another program: the quotes of Python's `str()` of bytes, other quotes, and the
/// scheme in braces that Spring Security, Dovecot and `OpenLDAP` write.
pub(super) fn unwrapped(text: &str) -> &str {
    const BRACED: [&str; 6] = ["bcrypt", "blf-crypt", "crypt", "argon2", "argon2id", "argon2i"];
    let mut text = text;
    for _ in 0..3 {
        let quoted = text.strip_prefix('b').unwrap_or(text);
        let inner = ['\'', '"'].iter().find_map(|mark| quoted.strip_prefix(*mark)?.strip_suffix(*mark));
        let braced = text.strip_prefix('{').and_then(|rest| rest.split_once('}')).filter(|(name, _)| {
            let name = name.split_once('@').map_or(*name, |(name, _)| name).to_ascii_lowercase();
            BRACED.contains(&&*name)
        });
        text = inner.map(str::trim).or(braced.map(|(_, rest)| rest)).unwrap_or(text);
    }
    text
}

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

/// Whether a text is the hash of a scheme that is not known here: `$6$…`, `{SSHA}…`, `sha1$…$…`, digits and base64
/// of digests. Taken for plain text, it would itself become the password.
pub(super) fn is_foreign_hash(text: &str) -> bool {
    let ldap =
        text.strip_prefix('{').and_then(|rest| rest.split_once('}')).is_some_and(|(id, _)| is_scheme(id));
    let django = text.matches('$').count() >= 2 && text.split('$').next().is_some_and(is_scheme);
    let inside =
        ["$2a$", "$2b$", "$2x$", "$2y$", "$argon2", "$pbkdf2", "$scrypt$", "$bcrypt", "$P$", "$H$", "$S$"];
    is_modular(text)
        || ldap
        || django
        || inside.iter().any(|mark| text.contains(mark))
        || is_digits(text)
        || is_base64_digest(text)
}

/// Whether a text is a hash of any kind, known here or not.
pub(super) fn is_any_hash(text: &str) -> bool {
    let text = text.trim();
    let unwrapped = unwrapped(text);
    Scheme::recognise(unwrapped).is_ok()
        || is_modular(unwrapped)
        || is_braced_digest(text)
        || is_named_digest(text)
}

/// `$6$salt$digest`, and `$P$Bsaltdigest`.
fn is_modular(text: &str) -> bool {
    let Some((id, rest)) = text.strip_prefix('$').and_then(|rest| rest.split_once('$')) else { return false };
    is_scheme(id) && rest.len() >= 4 && !rest.contains(' ')
}

/// `{SSHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=`
fn is_braced_digest(text: &str) -> bool {
    let Some((id, rest)) = text.strip_prefix('{').and_then(|rest| rest.split_once('}')) else { return false };
    is_scheme(id) && rest.len() >= 16 && rest.bytes().all(|byte| byte.is_ascii_graphic())
}

/// `sha1$salt$0123…`, `pbkdf2_sha256$…`, `*` and forty digits, `md5` and 32 digits.
fn is_named_digest(text: &str) -> bool {
    const NAMES: [&str; 9] =
        ["sha", "md5", "pbkdf2", "bcrypt", "argon2", "scrypt", "crypt", "unsalted", "phpass"];
    let named = NAMES.iter().any(|name| text.to_ascii_lowercase().starts_with(name));
    let dollars = text.matches('$').count() >= 2 && !text.contains(' ');
    (named && dollars)
        || is_mysql(text)
        || text.strip_prefix("md5").is_some_and(|rest| rest.len() == 32 && is_hex(rest))
}

fn is_mysql(text: &str) -> bool {
    text.strip_prefix('*').is_some_and(|rest| rest.len() == 40 && is_hex(rest))
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A long run of hexadecimal digits, alone, after a word of the scheme, or in parts.
fn is_digits(text: &str) -> bool {
    let parts = text.split([':', '.', '|', '$', '*', ';']).filter(|part| !part.is_empty());
    let mut long = parts.map(|part| part.trim_start_matches("md5").trim_start_matches("sha1"));
    long.any(|part| part.len() >= 32 && is_hex(part)) || is_mysql(text)
}

/// Base64 of so many bytes as a digest has, told from a word by its padding or by its mixture.
fn is_base64_digest(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let alphabet = body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_.".contains(&byte));
    let padded = body.len() < text.len() && text.len().is_multiple_of(4);
    alphabet && ((padded && text.len() >= 16) || (text.len() >= 40 && is_mixed(body)))
}

fn is_scheme(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:@".contains(&byte))
}

/// Whether an unknown text is a token or a private key.
pub(super) fn is_token(text: &str) -> bool {
    let jwt = text.starts_with("eyJ") && text.matches('.').count() >= 2;
    let pem = text.contains("-----BEGIN ") && text.contains("PRIVATE KEY");
    let bearer =
        ["Bearer ", "bearer ", "Basic "].iter().any(|word| text.strip_prefix(word).is_some_and(is_opaque));
    jwt || pem || bearer || text.starts_with("otpauth://")
}

/// A long text of letters and digits without a pattern.
pub(super) fn is_opaque(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_.~".contains(&byte);
    body.len() >= 32 && body.bytes().all(alphabet) && is_mixed(body)
}

/// Capitals, small letters and digits, with little repetition.
fn is_mixed(text: &str) -> bool {
    const BITS_A_BYTE: f64 = 3.7;
    let has = |is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
    has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && entropy(text.as_bytes()) >= BITS_A_BYTE
}

/// Shannon's entropy of the bytes, in bits a byte.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let len = f64::from(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / len)
        .map(|part| -part * part.log2())
        .sum()
}

/// A bare digest in hexadecimal digits.
pub(super) fn is_bare_digest(text: &str) -> bool {
    matches!(text.len(), 32 | 40 | 56 | 64 | 96 | 128) && is_hex(text)
}
