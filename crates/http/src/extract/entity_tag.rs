//! Entity tags (RFC 9110, section 8.8.3).

use actix_web::http::header::HeaderValue;
use arrayvec::ArrayString;
use roster_domain::{User, Version};
use std::fmt;

/// The suffixes that proxies append inside the quotes when they compress a body: Apache (`-gzip`, `-br`, and `;gzip` in
/// older versions), Caddy (`-gzip`, `-br`, `-zstd`).
const CODINGS: [&str; 4] = ["-gzip", ";gzip", "-br", "-zstd"];

/// An entity tag that a client sent. Whether it is weak does not matter here.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct EntityTag {
    /// The text between the quotes.
    opaque: String,
}

impl EntityTag {
    /// Parses the tag at the start of `text`. The second value is the rest.
    pub(super) fn split_from(text: &str) -> Option<(Self, &str)> {
        let (opaque, rest) = text.strip_prefix("W/").unwrap_or(text).strip_prefix('"')?.split_once('"')?;
        let allowed = opaque.bytes().all(|byte| byte == 0x21 || (0x23..0x7f).contains(&byte));
        allowed.then(|| (Self { opaque: opaque.to_owned() }, rest))
    }

    /// Whether it equals `current` by the weak comparison (RFC 9110, section 8.8.3.2).
    pub(super) fn is_weakly(&self, current: &HeaderValue) -> bool {
        let opaque = current.as_bytes().strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
        opaque == Some(self.opaque.as_bytes())
    }

    /// The version that it names, if it is one of Roster's tags or the form that a compressing proxy makes of one.
    ///
    /// The digits after the dot are not compared, because a login changes them and not the version. A version has one
    /// spelling, so `07` is not a version.
    pub(super) fn version(&self) -> Option<Version> {
        let own = CODINGS.iter().find_map(|coding| self.opaque.strip_suffix(coding)).unwrap_or(&self.opaque);
        let (version, login) =
            own.split_once('.').map_or((own, None), |(version, login)| (version, Some(login)));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = version.parse::<u64>().ok().filter(|number| number.to_string() == version)?;
        login.is_none_or(digits).then_some(number.into())
    }
}

/// The strong entity tag of a user: the version and the time of the last login, which is shown but does not change the
/// version. The condition of a change compares the version only, so that a login does not make an edit fail.
pub(crate) fn etag(user: &User) -> HeaderValue {
    let mut tag = ArrayString::<{ "\"18446744073709551615.18446744073709551615\"".len() }>::new();
    tag.push('"');
    tag.push_str(itoa::Buffer::new().format(user.version.get()));
    if let Some(at) = user.last_login_at {
        tag.push('.');
        // Digits for a time before 1970 too, which an import can contain.
        tag.push_str(itoa::Buffer::new().format(at.as_microsecond().cast_unsigned()));
    }
    tag.push('"');
    header(&tag)
}

/// The strong entity tag of something that is described by its version alone.
pub(crate) fn version_tag(version: Version) -> HeaderValue {
    quoted(version)
}

/// The strong entity tag with `opaque` between its quotes. `opaque` must not contain quotes or spaces.
pub(crate) fn quoted(opaque: impl fmt::Display) -> HeaderValue {
    header(&format!("\"{opaque}\""))
}

fn header(tag: &str) -> HeaderValue {
    HeaderValue::from_str(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use roster_domain::fixtures;

    fn version(text: &str) -> Option<u64> {
        let (tag, rest) = EntityTag::split_from(text).unwrap();
        assert_eq!(rest, "", "{text}");
        tag.version().map(Version::get)
    }

    #[test]
    fn the_tag_of_a_user_is_the_version_and_the_last_login_if_there_was_one() {
        let user = fixtures::user(1).with(|user| user.version = 7.into());
        assert_eq!(etag(&user), "\"7\"");
        for (micros, tag) in [
            (0, "\"7.0\""),
            (1_700_000_000_000_001, "\"7.1700000000000001\""),
            (-1, "\"7.18446744073709551615\""),
        ] {
            let login = Timestamp::from_microsecond(micros).ok();
            assert_eq!(etag(&user.clone().with(|user| user.last_login_at = login)), tag);
        }
    }

    #[test]
    fn a_tag_names_its_version_with_and_without_a_login() {
        for own in ["\"7\"", "\"7.1700000000000000\"", "\"7.0\"", "\"7.99999999999999999999999\""] {
            assert_eq!(version(own), Some(7), "{own}");
        }
    }

    #[test]
    fn the_forms_that_compressing_proxies_make_of_a_tag_name_the_same_version() {
        for own in ["7", "7.1700000000000000"] {
            for coding in ["", "-gzip", ";gzip", "-br", "-zstd"] {
                assert_eq!(version(&format!("\"{own}{coding}\"")), Some(7), "{own}{coding}");
                assert_eq!(version(&format!("W/\"{own}{coding}\"")), Some(7), "W/ {own}{coding}");
            }
        }
    }

    #[test]
    fn any_other_tag_names_no_version() {
        for foreign in [
            "",
            "07",
            "+7",
            "-7",
            "7.",
            ".7",
            "7.xyz",
            "7.1.2",
            "7.-1",
            "7-",
            "7-gz",
            "7gzip",
            "-gzip",
            "7-GZIP",
            "7-gzip-gzip",
            "7-br-gzip",
            "7;gzip-br",
            "7-gzip.1",
            "seven",
            "18446744073709551616",
            "٧",
        ] {
            let text = format!("\"{foreign}\"");
            let tag = EntityTag::split_from(&text).map(|(tag, _)| tag.version());
            assert!(matches!(tag, None | Some(None)), "{foreign}: {tag:?}");
        }
    }
}
