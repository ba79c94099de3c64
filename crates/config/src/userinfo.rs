//! URLs without credentials.

use std::borrow::Cow;

use url::Url;

/// A URL without its username and password (RFC 3986, section 3.2.1), so that it can be shown. Other text stays as it is,
/// and so does a prefix of the scheme, such as `json:`.
///
/// An invalid URL, such as one whose password contains an unescaped `/`, loses everything up to its last `@`.
#[must_use]
pub fn without_userinfo(text: &str) -> Cow<'_, str> {
    let Some((before, rest)) = text.split_once("://") else { return text.into() };
    let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let scheme = before.trim_end_matches(is_of_scheme).len();
    let parsed = Url::parse(text.get(scheme..).unwrap_or(text));
    if parsed.as_ref().is_ok_and(|url| url.username().is_empty() && url.password().is_none()) {
        return text.into();
    }
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let end = authority.rfind('@').filter(|_| parsed.is_ok()).or_else(|| rest.rfind('@'));
    match end.and_then(|end| rest.get(end + 1..)) {
        Some(shown) => format!("{before}://{shown}").into(),
        None => text.into(),
    }
}

/// A rejected value without credentials: like [`without_userinfo`], but also for a URL whose scheme is missing, such as
/// `user:password@host`.
pub(crate) fn without_credentials(text: &str) -> Cow<'_, str> {
    match text.rsplit_once('@') {
        Some((userinfo, rest)) if !text.contains("://") && userinfo.contains(':') => rest.into(),
        _ => without_userinfo(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_loses_its_credentials_and_nothing_else() {
        for (text, shown) in [
            ("postgres://roster:hunter2@db:5432/roster?a=b", "postgres://db:5432/roster?a=b"),
            ("https://hunter2@example.org", "https://example.org"),
            ("https://:hunter2@example.org/x@y", "https://example.org/x@y"),
            ("https://a:hunter2@b@example.org", "https://example.org"),
            ("postgres://roster:hun/ter2@db/roster", "postgres://db/roster"),
            ("postgres://roster:hunter2#@db/roster", "postgres://db/roster"),
            ("postgres://roster:hunter 2@db/roster", "postgres://db/roster"),
            ("https://example.org/@me", "https://example.org/@me"),
            ("https://example.org:8443/x", "https://example.org:8443/x"),
            ("ada@example.org", "ada@example.org"),
            ("json:data/users.json", "json:data/users.json"),
            ("json:postgres://roster:hunter2@db/users.json", "json:postgres://db/users.json"),
            ("json:x y/postgres://roster:hunter2@db/users.json", "json:x y/postgres://db/users.json"),
            ("json:https://example.org/@me/users.json", "json:https://example.org/@me/users.json"),
            ("", ""),
        ] {
            assert_eq!(without_userinfo(text), shown, "{text}");
        }
    }

    #[test]
    fn a_rejected_value_also_loses_credentials_without_a_scheme() {
        for (text, shown) in [
            ("bob:hunter2@db", "db"),
            ("bob:hun/ter@2@db:5432", "db:5432"),
            ("https://bob:hunter2@db/x", "https://db/x"),
            ("ada@example.org", "ada@example.org"),
            ("localhost:8000", "localhost:8000"),
        ] {
            assert_eq!(without_credentials(text), shown, "{text}");
        }
    }
}
