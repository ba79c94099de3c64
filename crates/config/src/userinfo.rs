//! URLs without credentials.

use std::borrow::Cow;

use url::Url;

/// A URL as it may be shown: without a username and a password (RFC 3986, section 3.2.1). Any other text stays as it is.
///
/// A text that looks like a URL and is none, such as one whose password holds an unescaped `/`, loses everything up to
/// its last `@`.
#[must_use]
pub fn without_userinfo(text: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = text.split_once("://") else { return text.into() };
    let parsed = Url::parse(text);
    if parsed.as_ref().is_ok_and(|url| url.username().is_empty() && url.password().is_none()) {
        return text.into();
    }
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let end = authority.rfind('@').filter(|_| parsed.is_ok()).or_else(|| rest.rfind('@'));
    match end.and_then(|end| rest.get(end + 1..)) {
        Some(shown) => format!("{scheme}://{shown}").into(),
        None => text.into(),
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
            ("", ""),
        ] {
            assert_eq!(without_userinfo(text), shown, "{text}");
        }
    }
}
