//! What other systems write before a hash that is known without it.

/// Names in braces before a hash that says itself what it is: Spring Security, Dovecot, `OpenLDAP`.
const BRACED: [&str; 10] = [
    "bcrypt",
    "blf-crypt",
    "crypt",
    "argon2",
    "argon2id",
    "argon2i",
    "md5-crypt",
    "sha256-crypt",
    "sha512-crypt",
    "yescrypt",
];

/// A hash without what other systems write before it: `{bcrypt}$2a$…` and `{argon2@SpringSecurity_v5_8}$argon2id$…` of
/// Spring Security, `{BLF-CRYPT}` of Dovecot, `{CRYPT}` of `OpenLDAP`, `argon2$argon2id$…` and `bcrypt$$2b$…` of Django,
/// `3|$argon2id$…` of Nextcloud, `#jbcrypt:` of Jenkins.
#[must_use]
pub fn unwrapped(text: &str) -> &str {
    braced(text)
        .or_else(|| text.strip_prefix("argon2").filter(|rest| rest.starts_with("$argon2")))
        .or_else(|| text.strip_prefix("bcrypt$").filter(|rest| rest.starts_with("$2")))
        .or_else(|| text.strip_prefix("#jbcrypt:"))
        .or_else(|| versioned(text))
        .unwrap_or(text)
}

fn braced(text: &str) -> Option<&str> {
    let (name, rest) = text.strip_prefix('{')?.split_once('}')?;
    let name = name.split_once('@').map_or(name, |(name, _)| name);
    BRACED.iter().any(|known| name.eq_ignore_ascii_case(known)).then_some(rest)
}

fn versioned(text: &str) -> Option<&str> {
    let (version, rest) = text.split_once('|')?;
    (version.len() == 1 && version.bytes().all(|byte| byte.is_ascii_digit()) && rest.starts_with('$'))
        .then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_before_a_hash_is_removed() {
        for (text, hash) in [
            ("{bcrypt}$2a$10$x", "$2a$10$x"),
            ("{argon2@SpringSecurity_v5_8}$argon2id$x", "$argon2id$x"),
            ("3|$argon2id$x", "$argon2id$x"),
            ("#jbcrypt:$2a$10$x", "$2a$10$x"),
            ("bcrypt$$2b$12$x", "$2b$12$x"),
            ("argon2$argon2id$x", "$argon2id$x"),
            ("{CRYPT}!$2b$10$x", "!$2b$10$x"),
        ] {
            assert_eq!(unwrapped(text), hash, "{text}");
        }
        for text in
            ["{noop}secret", "{SSHA}x", "12|$2a$", "a|$2a$", "3|secret", "bcrypt$x", "argon2", "{bcrypt"]
        {
            assert_eq!(unwrapped(text), text, "{text}");
        }
    }
}
