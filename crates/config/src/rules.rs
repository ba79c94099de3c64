//! Rules that parse the text of a setting. On error, each returns what it accepts.

use std::fmt::Display;
use std::num::{NonZeroU32, NonZeroUsize};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use jiff::{SignedDuration, Span, SpanRelativeTo};
use url::Url;

use crate::Secret;
use crate::fields::Expectation;
use crate::rate::Rate;

/// A whole number within `range`.
pub(crate) fn integer<T: FromStr + PartialOrd + Display>(
    range: RangeInclusive<T>,
) -> impl Fn(&str) -> Result<T, Expectation> {
    move |text| {
        let number = text.trim().parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| format!("a whole number from {} to {}", range.start(), range.end()))
    }
}

/// A number of threads up to `most`; 0 means one per core and is `None`.
pub(crate) fn threads(most: usize) -> impl Fn(&str) -> Result<Option<NonZeroUsize>, Expectation> {
    move |text| integer(0..=most)(text).map(NonZeroUsize::new)
}

/// A duration such as `15m`, within `range`.
pub(crate) fn duration(range: RangeInclusive<Duration>) -> impl Fn(&str) -> Result<Duration, Expectation> {
    move |text| {
        let span = text.trim().parse::<Span>().ok();
        let parsed = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
        let parsed = parsed.and_then(|signed| Duration::try_from(signed).ok());
        parsed.filter(|duration| range.contains(duration)).ok_or_else(|| {
            let [least, most] = [range.start(), range.end()].map(|bound| human_readable(*bound));
            format!("a duration such as `15m`, from {least} to {most}")
        })
    }
}

fn human_readable(duration: Duration) -> String {
    const DAY: u64 = 86_400;
    let seconds = duration.as_secs();
    if seconds > DAY && seconds.is_multiple_of(DAY) {
        return format!("{}d", seconds / DAY);
    }
    SignedDuration::try_from(duration)
        .map_or_else(|_| format!("{duration:?}"), |signed| format!("{signed:#}"))
}

/// A rate such as `50/1h`; `off` is `None`.
pub(crate) fn rate(text: &str) -> Result<Option<Rate>, Expectation> {
    if text.trim() == "off" {
        return Ok(None);
    }
    let parsed = text.split_once('/').and_then(|(burst, per)| {
        let burst = integer(1..=1_000_000)(burst).ok().and_then(NonZeroU32::new)?;
        let per = duration(Duration::from_secs(1)..=Duration::from_hours(24))(per).ok()?;
        Some(Some(Rate { burst, per }))
    });
    parsed.ok_or_else(|| "a rate such as `50/1h` (1 to 1000000 in 1s to 24h), or `off`".to_owned())
}

/// One of these words.
pub(crate) fn one_of<T: Copy, const N: usize>(
    words: [(&str, T); N],
) -> impl Fn(&str) -> Result<T, Expectation> {
    move |text| {
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        found.ok_or_else(|| {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            format!("one of: {}", words.join(", "))
        })
    }
}

/// `true` or `false`.
pub(crate) fn boolean(text: &str) -> Result<bool, Expectation> {
    one_of([("true", true), ("false", false)])(text)
}

/// An address or host name to listen on.
pub(crate) fn host(text: &str) -> Result<String, Expectation> {
    let name = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    let is_host = text.parse::<std::net::IpAddr>().is_ok() || (!text.is_empty() && name(text));
    is_host.then(|| text.to_owned()).ok_or_else(|| {
        "an address or a host name, without a port, such as 127.0.0.1, ::1 or localhost".to_owned()
    })
}

/// A network or a single address.
pub(crate) fn network(text: &str) -> Result<IpNet, Expectation> {
    let address = || text.parse().ok().map(|address: std::net::IpAddr| IpNet::from(address));
    text.parse().ok().or_else(address).ok_or_else(|| "an address or a network such as 10.0.0.0/8".to_owned())
}

/// An origin as a browser sends it (RFC 6454, section 6.2), or `*`. Browsers omit the default port of the scheme, so
/// `https://app.example.com:443` becomes `https://app.example.com`.
pub(crate) fn origin(text: &str) -> Result<String, Expectation> {
    let normalised = if text == "*" { Some(text.to_owned()) } else { normalised_origin(text) };
    normalised.ok_or_else(|| {
        "an origin such as https://app.example.com, without a user, a password or a path, or *".to_owned()
    })
}

fn normalised_origin(text: &str) -> Option<String> {
    let (scheme, authority) = text.split_once("://")?;
    let is_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    let is_bare = !authority.is_empty() && authority.bytes().all(plain);
    let url = Url::parse(text).ok().filter(|_| is_web && is_bare)?;
    Some(url.origin().ascii_serialization())
}

/// The name of a header (RFC 9110, section 5.1) in lower case, or `*`.
pub(crate) fn header_name(text: &str) -> Result<String, Expectation> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'+-.^_`|~".contains(&byte);
    let is_name = text == "*" || (!text.is_empty() && text.bytes().all(is_token));
    is_name
        .then(|| text.to_ascii_lowercase())
        .ok_or_else(|| "the name of a header, such as X-Requested-With, or *".to_owned())
}

/// The URL of a server, without the trailing slash.
pub(crate) fn base_url(text: &str) -> Result<String, Expectation> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/[]%".contains(&byte);
    let is_url =
        rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && rest.bytes().all(letter));
    is_url.then(|| text.trim_end_matches('/').to_owned()).ok_or_else(|| {
        "a URL such as https://roster.example.com, without a user, a password, a query or a fragment"
            .to_owned()
    })
}

/// One line of text of 1 to `most` bytes.
pub(crate) fn line(most: usize) -> impl Fn(&str) -> Result<String, Expectation> {
    move |text| {
        let fits = (1..=most).contains(&text.len()) && !text.chars().any(char::is_control);
        fits.then(|| text.to_owned()).ok_or_else(|| format!("one line of 1 to {most} bytes"))
    }
}

/// The path of a folder or file.
pub(crate) fn path(text: &str) -> Result<PathBuf, Expectation> {
    let fits = !text.is_empty() && !text.chars().any(char::is_control);
    fits.then(|| PathBuf::from(text)).ok_or_else(|| "a path, without control characters".to_owned())
}

/// The path of a key file, not the key itself.
pub(crate) fn key_file(text: &str) -> Result<PathBuf, Expectation> {
    let is_key = ["-----BEGIN", "{"].iter().any(|start| text.trim_start().starts_with(start));
    if is_key { Err("the path of a key file, not the key itself".to_owned()) } else { path(text) }
}

/// A path; empty and `off` are `None`.
pub(crate) fn path_or_off(text: &str) -> Result<Option<PathBuf>, Expectation> {
    if text.is_empty() || text == "off" { Ok(None) } else { path(text).map(Some) }
}

/// A secret of at most `most` bytes.
pub(crate) fn secret(most: usize) -> impl Fn(&str) -> Result<Secret, Expectation> {
    move |text| if text.len() <= most { Ok(Secret::new(text)) } else { Err(format!("at most {most} bytes")) }
}

/// A signing secret, at least as long as the digest of HS256 (RFC 7518, section 3.2).
pub(crate) fn signing_secret(text: &str) -> Result<Secret, Expectation> {
    const LENGTHS: RangeInclusive<usize> = 32..=4096;
    let length = text.len();
    if LENGTHS.contains(&length) {
        return Ok(Secret::new(text));
    }
    let (least, most) = (LENGTHS.start(), LENGTHS.end());
    Err(format!("{least} to {most} bytes, but it has {length}; generate one with: openssl rand -base64 48"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_parsed_in_human_notation() {
        let rule = duration(Duration::ZERO..=Duration::from_hours(24));
        assert_eq!(rule("15m"), Ok(Duration::from_mins(15)));
        assert_eq!(rule("1h 30m"), Ok(Duration::from_mins(90)));
        assert_eq!(rule("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration(Duration::ZERO..=Duration::MAX)("30d"), Ok(Duration::from_hours(720)));
        for bad in ["15", "", "-1s", "25h", "2d", "1mo", "soon"] {
            assert_eq!(rule(bad), Err("a duration such as `15m`, from 0s to 24h".to_owned()), "{bad}");
        }
    }

    #[test]
    fn an_empty_path_or_off_is_none() {
        assert_eq!(path_or_off("roster.sock"), Ok(Some(PathBuf::from("roster.sock"))));
        assert_eq!((path_or_off(""), path_or_off("off")), (Ok(None), Ok(None)));
        assert!(path_or_off("a\nb").is_err());
    }

    #[test]
    fn a_rate_is_a_number_per_duration() {
        let hourly = Rate { burst: NonZeroU32::new(50).unwrap(), per: Duration::from_hours(1) };
        assert_eq!(rate("50/1h"), Ok(Some(hourly)));
        assert_eq!(rate(" 50 / 60m "), Ok(Some(hourly)));
        assert_eq!(rate("off"), Ok(None));
        for bad in ["", "50", "0/1h", "50/0s", "50/25h", "-1/1h", "50/1h/2"] {
            assert!(rate(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_single_address_is_a_network_of_one() {
        assert_eq!(network("::1").map(|net| net.prefix_len()), Ok(128));
        assert_eq!(network("10.0.0.0/8").map(|net| net.prefix_len()), Ok(8));
        assert!(network("10.0.0.0/33").is_err() && network("proxy").is_err());
    }

    #[test]
    fn an_origin_has_no_path() {
        assert!(origin("https://app.example.com:8443").is_ok() && origin("*").is_ok());
        for bad in [
            "https://app.example.com/",
            "app.example.com",
            "https://",
            "https://a b",
            "https://a:+1",
            "https://a:65536",
            "https://a:b@c",
            "ftp://a",
            "https:a",
            "https://[::g]",
            "null",
            "",
        ] {
            assert!(origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_origin_is_normalised_to_what_browsers_send() {
        for (written, sent) in [
            ("https://app.example.com:443", "https://app.example.com"),
            ("http://App.Example.com:80", "http://app.example.com"),
            ("https://app.example.com:80", "https://app.example.com:80"),
            ("http://localhost:5173", "http://localhost:5173"),
            ("https://[::1]:443", "https://[::1]"),
            ("HTTPS://a.example", "https://a.example"),
        ] {
            assert_eq!(origin(written).as_deref(), Ok(sent));
        }
    }

    #[test]
    fn a_header_name_is_a_token_or_an_asterisk() {
        assert_eq!(header_name("X-Requested-With").as_deref(), Ok("x-requested-with"));
        assert!(header_name("*").is_ok());
        for bad in ["", "X Y", "X:", "*, X", "x-ä"] {
            assert!(header_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_host_has_no_port_and_no_brackets() {
        assert!(host("::").is_ok() && host("0.0.0.0").is_ok() && host("localhost").is_ok());
        assert!(host("localhost:8000").is_err() && host("[::1]").is_err() && host("").is_err());
    }

    #[test]
    fn a_signing_secret_of_31_bytes_is_rejected_with_advice() {
        let Err(allowed) = signing_secret(&"x".repeat(31)) else { panic!("31 bytes were accepted") };
        assert!(
            allowed.contains("32 to 4096 bytes") && allowed.contains("openssl rand -base64 48"),
            "{allowed}"
        );
        assert!(signing_secret(&"x".repeat(32)).is_ok());
    }
}
