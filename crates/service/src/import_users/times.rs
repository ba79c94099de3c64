//! Times in the spellings of other systems.

use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use serde_json::Value;

/// Reads a time: with a zone (RFC 3339, RFC 2822), without one (taken as UTC), a day, or a count since 1970
/// in seconds or milliseconds, as a number or a text. To the microsecond; `None` if it is none of these.
pub(super) fn understood(value: &Value) -> Option<Timestamp> {
    let time = match value {
        Value::Number(number) => epoch(number.as_f64()?),
        Value::String(text) => textual(text.trim()),
        // As MongoDB exports it.
        Value::Object(object) if object.len() == 1 => object.get("$date").and_then(understood),
        _ => None,
    };
    time.and_then(|time| time.round(Unit::Microsecond).ok())
}

/// The unit is told by the size: seconds reach 10¹¹ in the year 5138, milliseconds reached it in 1973. What is beyond
/// both is no time: another unit still would be a guess, and a slip of digits would pass for 1973.
fn epoch(count: f64) -> Option<Timestamp> {
    const SECONDS_BELOW: f64 = 1e11;
    let seconds = if count.abs() < SECONDS_BELOW { count } else { count / 1_000.0 };
    if !seconds.is_finite() || seconds.abs() >= SECONDS_BELOW {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below 10¹⁷ in size")]
    let micros = (seconds * 1e6).round() as i64;
    Timestamp::from_microsecond(micros).ok()
}

fn textual(text: &str) -> Option<Timestamp> {
    let compact_day = text.len() == 8 && (text.starts_with("19") || text.starts_with("20"));
    let utc = text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT")).map_or(text, str::trim_end);
    text.parse()
        .ok()
        .or_else(|| if compact_day { None } else { text.parse().ok().and_then(epoch) })
        .or_else(|| rfc2822::DateTimeParser::new().parse_timestamp(text).ok())
        .or_else(|| naive(utc))
}

fn naive(text: &str) -> Option<Timestamp> {
    let time =
        text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(|day| day.at(0, 0, 0, 0))).ok()?;
    TimeZone::UTC.to_timestamp(time).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_spelling_of_a_moment_is_that_moment() {
        for value in [
            json!("2022-03-15T14:00:00Z"),
            json!("2022-03-15T16:00:00+02:00"),
            json!("2022-03-15 14:00:00+00"),
            json!("2022-03-15T14:00:00"),
            json!("2022-03-15 14:00:00.000"),
            json!("2022-03-15 14:00:00 UTC"),
            json!("2022-03-15 14:00"),
            json!("Tue, 15 Mar 2022 14:00:00 GMT"),
            json!(1_647_352_800),
            json!(1_647_352_800_000_u64),
            json!("1647352800"),
            json!("1647352800000"),
            json!({"$date": "2022-03-15T14:00:00.000Z"}),
        ] {
            assert_eq!(understood(&value).map(Timestamp::as_second), Some(1_647_352_800), "{value}");
        }
    }

    #[test]
    fn parts_of_a_second_and_days_are_kept() {
        assert_eq!(understood(&json!("2024-03-01T09:15:22.104233")).unwrap().subsec_microsecond(), 104_233);
        assert_eq!(understood(&json!(1_647_352_800.25)).unwrap().subsec_millisecond(), 250);
        for day in ["2022-03-15", "20220315"] {
            assert_eq!(understood(&json!(day)).unwrap().to_string(), "2022-03-15T00:00:00Z", "{day}");
        }
    }

    #[test]
    fn anything_else_is_no_time() {
        for value in [
            json!("15/03/2022 14:00"),
            json!("yesterday"),
            json!("nan"),
            json!("inf"),
            json!("2022-02-30"),
            json!(99_999_999_999_999_999_u64),
            json!("1647352800000000"),
            json!(1e300),
            json!(true),
            json!([]),
        ] {
            assert_eq!(understood(&value), None, "{value}");
        }
    }
}
