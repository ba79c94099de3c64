//! Recognises secrets by their text: wrapped hashes, foreign hashes, tokens.

use crate::secrets::randomness::is_mixed;
use crate::secrets::token::is_token;
use roster_auth::password::{self, Scheme};

/// A hash without what other programs wrap around it: quotes, the `b'…'` of Python's bytes, and what
/// [`password::unwrapped`] removes.
pub(crate) fn unwrapped(text: &str) -> &str {
    let mut text = text;
    for _ in 0..3 {
        let quoted = text.strip_prefix('b').unwrap_or(text);
        let inner = ['\'', '"'].iter().find_map(|mark| quoted.strip_prefix(*mark)?.strip_suffix(*mark));
        text = inner.map_or_else(|| password::unwrapped(text), str::trim);
    }
    text
}

/// Tests for the other formats.
const FORMATS: [fn(&str) -> bool; 9] = [
    is_modular,
    contains_hash_prefix,
    is_hex_digest_in_parts,
    is_base64_digest,
    is_bytes,
    is_des,
    is_unpadded_digest,
    is_hex_digest_with_dashes,
    is_token,
];

/// Whether a text is a hash of an unknown scheme: `$6$…`, `{SSHA}…`, `sha1$…$…`, a digest in hexadecimal or base64.
/// Treated as plain text, the hash itself would become the password.
pub(crate) fn is_foreign_hash(text: &str) -> bool {
    let ldap =
        text.strip_prefix('{').and_then(|rest| rest.split_once('}')).is_some_and(|(id, _)| is_scheme(id));
    let django = text.matches('$').count() >= 2 && text.split('$').next().is_some_and(is_scheme);
    ldap || django || text.starts_with("grub.pbkdf2.") || FORMATS.iter().any(|is_format| is_format(text))
}

/// Base64 without padding, of the length of an MD5, SHA-1 or SHA-256 digest.
fn is_unpadded_digest(text: &str) -> bool {
    let alphabet = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte));
    matches!(text.len(), 22 | 27 | 43) && alphabet && is_mixed(text)
}

/// `5f-4d-cc-3b-…`, as .NET writes bytes.
fn is_hex_digest_with_dashes(text: &str) -> bool {
    let digits: String = text.split('-').collect();
    let pairs = text.split('-').all(|pair| pair.len() == 2);
    pairs && digits.len() >= 32 && is_hex(&digits)
}

/// Bytes as PostgreSQL, SQL Server and `MySQL` write them: `\x24326224`, `0x0100AB12`, `X'2432'`.
fn is_bytes(text: &str) -> bool {
    let prefixed = ["\\x", "\\\\x", "0x", "0X"].iter().find_map(|prefix| text.strip_prefix(prefix));
    let quoted = || text.strip_prefix(['x', 'X'])?.strip_prefix('\'')?.strip_suffix('\'');
    prefixed.or_else(quoted).is_some_and(|digits| digits.len() >= 4 && is_hex(digits))
}

/// A DES hash of `crypt`: 13 characters, the last of which carries four bits only. The extended form has 20,
/// beginning with `_`.
fn is_des(text: &str) -> bool {
    let is_crypt_char = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'/';
    let has = |is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
    let chars = text.strip_prefix('_').unwrap_or(text);
    let short = text.len() == 13 && text.ends_with(|char| ".26AEIMQUYcgkosw".contains(char));
    let extended = text.len() == 20 && chars.len() == 19;
    (short || extended)
        && chars.bytes().all(is_crypt_char)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
}

/// The text in a Python bytes literal: `b'hunter2'`.
pub(crate) fn bytes_literal(text: &str) -> Option<&str> {
    let quoted = text.strip_prefix('b')?;
    ['\'', '"'].iter().find_map(|mark| quoted.strip_prefix(*mark)?.strip_suffix(*mark))
}

/// Whether a text is a hash of any scheme, known or not.
pub(crate) fn is_any_hash(text: &str) -> bool {
    let text = text.trim();
    let unwrapped = unwrapped(text);
    Scheme::recognise(unwrapped).is_ok()
        || is_modular(unwrapped)
        || is_braced_digest(text)
        || is_named_digest(text)
        || is_hash_among_words(text)
        || text.starts_with("SCRAM-SHA-")
        || is_long_bytes(text)
        || is_padded_digest(text)
        || is_digest_with_companion(text)
}

/// Bytes as databases write them, as many as a digest has.
fn is_long_bytes(text: &str) -> bool {
    const SHORTEST: usize = 34;
    text.len() >= SHORTEST && is_bytes(text)
}

/// Base64 of an MD5 or SHA-1 digest.
fn is_padded_digest(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let alphabet = body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte));
    matches!((text.len(), body.len()), (24, 22) | (28, 27)) && alphabet && is_mixed(body)
}

/// A digest in hexadecimal with a version before it or a salt after it: `v1:0123…,x`, `0123…/salt`.
fn is_digest_with_companion(text: &str) -> bool {
    let mut parts = text.split([':', ',', '/', '|']);
    text.len() < 256
        && !text.contains("://")
        && !text.contains(' ')
        && parts.clone().count() <= 3
        && parts.clone().count() > 1
        && parts.any(is_digest)
}

/// Whether a hash begins anywhere in the text.
fn contains_hash_prefix(text: &str) -> bool {
    const PREFIXES: [&str; 11] =
        ["$2a$", "$2b$", "$2x$", "$2y$", "$argon2", "$pbkdf2", "$scrypt$", "$bcrypt", "$P$", "$H$", "$S$"];
    PREFIXES.iter().any(|mark| text.contains(mark))
}

/// A hash among other words: `old: $6$salt$digest`.
fn is_hash_among_words(text: &str) -> bool {
    const MIN_LEN: usize = 16;
    let is_hash = |word: &str| {
        word.len() >= MIN_LEN && (is_modular(word) || is_braced_digest(word) || is_named_digest(word))
    };
    let is_separator = |char: char| char.is_whitespace() || ",;:=|'\"()[]".contains(char);
    contains_hash_prefix(text) || text.split_whitespace().chain(text.split(is_separator)).any(is_hash)
}

/// `$6$salt$digest`, and `$P$Bsaltdigest`.
pub(crate) fn is_modular(text: &str) -> bool {
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

/// A long run of hexadecimal digits, alone, after the name of a scheme, or in parts.
fn is_hex_digest_in_parts(text: &str) -> bool {
    let parts = text.split([':', '.', '|', '$', '*', ';']).filter(|part| !part.is_empty());
    let mut long = parts.map(|part| part.trim_start_matches("md5").trim_start_matches("sha1"));
    long.any(|part| part.len() >= 32 && is_hex(part)) || is_mysql(text) || is_old_mysql(text)
}

/// Sixteen hexadecimal digits, the format of `MySQL` before 4.1; not a number of sixteen digits.
fn is_old_mysql(text: &str) -> bool {
    let has = |is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
    text.len() == 16 && is_hex(text) && has(u8::is_ascii_alphabetic) && has(u8::is_ascii_digit)
}

/// Base64 of a digest, distinguished from a word by its padding or by its mix of characters.
fn is_base64_digest(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let alphabet = body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/-_.".contains(&byte));
    let padded = body.len() < text.len() && text.len().is_multiple_of(4);
    alphabet && ((padded && text.len() >= 16) || (text.len() >= 40 && is_mixed(body)))
}

fn is_scheme(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:@".contains(&byte))
}

/// A bare digest in hexadecimal, possibly after a word or two.
pub(crate) fn is_bare_digest(text: &str) -> bool {
    const MAX_WORDS: usize = 3;
    let is_separator = |char: char| char.is_whitespace() || char == ':' || char == '=';
    let mut words = text.split(is_separator).filter(|word| !word.is_empty());
    let digest = words.by_ref().take(MAX_WORDS).any(is_digest);
    digest && words.count() < MAX_WORDS
}

fn is_digest(text: &str) -> bool {
    matches!(text.len(), 32 | 40 | 56 | 64 | 96 | 128) && is_hex(text)
}
