//! Lines of `.htpasswd`: a name, a colon, and a hash.

use crate::format::account_line::AccountLine;
use crate::report::refusal::Refusal;
use crate::secrets::secret_text::is_any_hash;
use roster_auth::password::StoredHash;
use roster_domain::EmailAddress;
use serde_json::{Map, Value};

/// The account on a line.
///
/// # Errors
/// If the line has no name or no password.
pub(crate) fn account(line: &str) -> Result<AccountLine, Refusal> {
    let (name, hash) =
        line.trim_end().split_once(':').ok_or(Refusal::AccountLine { expected: "NAME:HASH" })?;
    if name.is_empty() || hash.is_empty() {
        return Err(Refusal::AccountLine { expected: "NAME:HASH" });
    }
    let field = if EmailAddress::new(name).is_ok() { "email" } else { "username" };
    let fields = [(field, name), ("password", hash)];
    let fields: Map<_, _> =
        fields.into_iter().map(|(field, text)| (field.to_owned(), Value::from(text))).collect();
    Ok(AccountLine::Account(fields))
}

/// Whether this is a line of such a file, with a hash of any kind.
pub(crate) fn is_htpasswd(line: &str) -> bool {
    let Some((name, hash)) = line.trim_end().split_once(':') else { return false };
    let is_name = !name.is_empty() && !name.contains(['"', '\'', '{', '\t', ',']);
    // `crypt` writes 13 characters.
    let is_crypt =
        hash.len() == 13 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"./".contains(&byte));
    is_name && (is_crypt || StoredHash::parse(hash).is_ok() || is_any_hash(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_recognised_by_its_hash() {
        for (line, expected) in [
            ("ann:$apr1$plE6tC6L$Ovo1QS2HBR/vtHYS8qTYv0", true),
            ("ann:{SHA}n0lh32bsMGMseiqRtoWIqq9jLxI=", true),
            ("ann@example.com:$2y$05$jo/qrwmnYf7nhXv6EFA3jeACmd.3XQNYWzCtYmLTbcRQUWwm35vra", true),
            ("ann:rqXexS6ZhobKA", true),
            ("name: ann", false),
            ("ann:secret", false),
            ("ann", false),
        ] {
            assert_eq!(is_htpasswd(line), expected, "{line}");
        }
    }

    #[test]
    fn a_line_without_a_name_or_a_hash_is_refused() {
        for line in ["ann", ":x", "ann:"] {
            assert!(account(line).is_err(), "{line}");
        }
    }
}
