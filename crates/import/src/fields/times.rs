//! Times in the spellings of other systems.

use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde_json::Value;

/// A parsed time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParsedTime {
    /// A time, to the microsecond, in the years 1 to 9999.
    At(Timestamp),
    /// No time: the zero value of a language or a database.
    Never,
    /// After every time, as PostgreSQL's `infinity`.
    Forever,
}

/// Parses a time: with a zone (RFC 3339, RFC 2822); without one (taken as UTC); a day; or the seconds or milliseconds
/// since 1970, as a number or a text. `None` for anything else, such as flags, Julian days and the serial numbers of
/// spreadsheets.
pub(crate) fn parse_time(value: &Value) -> Option<ParsedTime> {
    match value {
        Value::Number(number) => epoch_time(number.as_f64()?),
        Value::String(text) => text_time(text.trim()),
        // MongoDB's extended JSON, relaxed and canonical.
        Value::Object(object) if object.len() == 1 => {
            object.get("$date").or_else(|| object.get("$numberLong")).and_then(parse_time)
        }
        _ => None,
    }
}

/// The time in a value, if it is a definite one.
pub(crate) fn as_time(value: &Value) -> Option<Timestamp> {
    match parse_time(value)? {
        ParsedTime::At(time) => Some(time),
        ParsedTime::Never | ParsedTime::Forever => None,
    }
}

/// Seconds or milliseconds since 1970, told apart by their size: seconds reach 10¹¹ in the year 5138, milliseconds
/// reached it in 1973. Numbers below 10⁸ are flags, Julian days, serial numbers of spreadsheets, or days written as
/// numbers. For numbers beyond milliseconds the unit would be a guess.
fn epoch_time(count: f64) -> Option<ParsedTime> {
    const SECONDS_BELOW: f64 = 1e11;
    const SECONDS_FROM: f64 = 1e8;
    if count == 0.0 {
        return Some(ParsedTime::Never);
    }
    let seconds = if count < SECONDS_BELOW { count } else { count / 1_000.0 };
    if !(SECONDS_FROM..SECONDS_BELOW).contains(&seconds) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 10¹⁷ in size")]
    let micros = (seconds * 1e6).round() as i64;
    Timestamp::from_microsecond(micros).ok().map(ParsedTime::At)
}

fn text_time(text: &str) -> Option<ParsedTime> {
    match text.to_ascii_lowercase().as_str() {
        "-infinity" => return Some(ParsedTime::Never),
        "infinity" => return Some(ParsedTime::Forever),
        _ if text.starts_with("0000-00-00") => return Some(ParsedTime::Never),
        // The last day of SQL, which stands for "no end".
        _ if text.starts_with("9999-12-31") || text.starts_with("99991231") => {
            return Some(ParsedTime::Forever);
        }
        _ => {}
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) && matches!(text.len(), 8 | 14) {
        return compact(text);
    }
    if let Ok(number) = text.parse::<f64>() {
        return epoch_time(number);
    }
    let utc = text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT")).map_or(text, str::trim_end);
    let time = text.parse().ok();
    let time = time.or_else(|| rfc2822::DateTimeParser::new().parse_timestamp(text).ok());
    time.or_else(|| local_as_utc(utc)).or_else(|| generalized(text)).and_then(in_range)
}

/// The zero values of Go and .NET (year 1), Unix (1970) and SQL Server (1753, 1900) are not times.
fn in_range(time: Timestamp) -> Option<ParsedTime> {
    const ZEROS: [(i16, i8, i8); 4] = [(1, 1, 1), (1970, 1, 1), (1753, 1, 1), (1900, 1, 1)];
    let date = TimeZone::UTC.to_datetime(time);
    let midnight = (date.hour(), date.minute(), date.second()) == (0, 0, 0);
    if midnight && ZEROS.contains(&(date.year(), date.month(), date.day())) {
        return Some(ParsedTime::Never);
    }
    let time = time.round(Unit::Microsecond).ok()?;
    (1..=9999).contains(&date.year()).then_some(ParsedTime::At(time))
}

fn local_as_utc(text: &str) -> Option<Timestamp> {
    let time =
        text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(|day| day.at(0, 0, 0, 0))).ok()?;
    TimeZone::UTC.to_timestamp(time).ok()
}

/// `20240301` and `20240301091522`, as `MySQL` and spreadsheets write them. Eight digits of another century are
/// seconds since 1970.
fn compact(text: &str) -> Option<ParsedTime> {
    if text.len() == 14 {
        return digits(text).and_then(in_range);
    }
    if text.starts_with("19") || text.starts_with("20") {
        return local_as_utc(text).and_then(in_range);
    }
    text.parse().ok().and_then(epoch_time)
}

/// LDAP's generalized time in UTC: `20240301091522Z` or `202403010915Z` (RFC 4517, section 3.3.13).
fn generalized(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix('Z')?;
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    match whole.len() {
        12 => digits(&format!("{whole}00")),
        14 => digits(whole),
        _ => None,
    }
}

fn digits(text: &str) -> Option<Timestamp> {
    let day = text.get(..8)?;
    let (hour, minute, second) = (text.get(8..10)?, text.get(10..12)?, text.get(12..14)?);
    local_as_utc(&format!("{day}T{hour}{minute}{second}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_spelling_of_a_time_is_that_time() {
        for value in [
            json!("2022-03-15T14:00:00Z"),
            json!("2022-03-15T16:00:00+02:00"),
            json!("2022-03-15 14:00:00+00"),
            json!("2022-03-15 15:00:00.000000+01"),
            json!("2022-03-15T14:00:00"),
            json!("2022-03-15 14:00:00.000"),
            json!("2022-03-15 14:00:00 UTC"),
            json!("2022-03-15 14:00"),
            json!("Tue, 15 Mar 2022 14:00:00 GMT"),
            json!(1_647_352_800),
            json!(1_647_352_800_000_u64),
            json!("1647352800"),
            json!("1647352800000"),
            json!("20220315140000"),
            json!("20220315140000Z"),
            json!("202203151400Z"),
            json!({"$date": "2022-03-15T14:00:00.000Z"}),
            json!({"$date": {"$numberLong": "1647352800000"}}),
        ] {
            assert_eq!(as_time(&value).map(Timestamp::as_second), Some(1_647_352_800), "{value}");
        }
    }

    #[test]
    fn fractions_of_a_second_and_days_are_parsed() {
        assert_eq!(as_time(&json!("2024-03-01T09:15:22.104233")).unwrap().subsec_microsecond(), 104_233);
        assert_eq!(as_time(&json!(1_647_352_800.25)).unwrap().subsec_millisecond(), 250);
        for day in ["2022-03-15", "20220315"] {
            assert_eq!(as_time(&json!(day)).unwrap().to_string(), "2022-03-15T00:00:00Z", "{day}");
        }
    }

    #[test]
    fn a_zero_value_is_not_a_time() {
        for value in [
            json!("0001-01-01T00:00:00Z"),
            json!("0001-01-01 00:00:00"),
            json!("0000-00-00 00:00:00"),
            json!("1970-01-01T00:00:00Z"),
            json!("1900-01-01"),
            json!("-infinity"),
            json!(0),
            json!("0"),
            json!(0.0),
        ] {
            assert_eq!(parse_time(&value), Some(ParsedTime::Never), "{value}");
        }
        for value in [json!("infinity"), json!("9999-12-31"), json!("9999-12-31T23:59:59Z")] {
            assert_eq!(parse_time(&value), Some(ParsedTime::Forever), "{value}");
        }
    }

    #[test]
    fn anything_else_is_not_a_time() {
        for value in [
            json!("15/03/2022 14:00"),
            json!("yesterday"),
            json!("nan"),
            json!("inf"),
            json!("2022-02-30"),
            json!("20220230140000"),
            json!(99_999_999_999_999_999_u64),
            json!("1647352800000000"),
            json!(1e300),
            json!(true),
            json!([]),
            json!(2),
            json!("1"),
            json!(2_460_370.88),
            json!("2460370.88"),
            json!(45_352.38),
            json!(20_220_315),
            json!(-99_999_999_999_i64),
            json!(-1),
            json!("-0044-03-15T00:00:00Z"),
            json!("-000044-03-15T00:00:00Z"),
            json!("000001010000Z"),
        ] {
            assert_eq!(parse_time(&value), None, "{value}");
        }
    }
}
