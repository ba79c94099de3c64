//! Times that may be given as a date.

use crate::CodedError;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use std::str::FromStr;
use thiserror::Error;

/// A time in the format of RFC 3339, or a date (`2026-11-01`), which is its first instant in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOrDate(Timestamp);

/// Why a text is neither a time nor a date.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("use a time in the format of RFC 3339, such as 2026-03-01T09:30:00Z, or a date, such as 2026-03-01")]
pub struct TimeOrDateError;

impl TimeOrDate {
    /// The length of a date. Longer texts are times, and have to be complete.
    const DATE_LEN: usize = "2026-11-01".len();

    /// The time.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl FromStr for TimeOrDate {
    type Err = TimeOrDateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time = if text.len() == Self::DATE_LEN {
            let midnight = text.parse::<Date>().map(|date| date.at(0, 0, 0, 0));
            midnight.and_then(|midnight| Offset::UTC.to_timestamp(midnight))
        } else {
            text.parse()
        };
        time.map(Self).map_err(|_| TimeOrDateError)
    }
}

impl CodedError for TimeOrDateError {
    fn code(&self) -> &'static str {
        "time_invalid"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        text.parse::<TimeOrDate>().ok().map(|time| time.timestamp().to_string())
    }

    #[test]
    fn a_date_is_its_first_instant_in_utc() {
        assert_eq!(read("2026-11-01").as_deref(), Some("2026-11-01T00:00:00Z"));
        assert_eq!(read("2024-02-29").as_deref(), Some("2024-02-29T00:00:00Z"));
    }

    #[test]
    fn a_time_keeps_its_instant() {
        assert_eq!(read("2026-11-01T00:00:00+01:00").as_deref(), Some("2026-10-31T23:00:00Z"));
        assert_eq!(read("2026-11-01T12:00:00.5Z").as_deref(), Some("2026-11-01T12:00:00.5Z"));
    }

    #[test]
    fn incomplete_times_impossible_days_and_other_texts_are_rejected() {
        for text in [
            "",
            "2026-11",
            "20261101",
            "2026-02-30",
            "2026-11-01T12:00",
            "2026-11-01T12:00:00",
            "yesterday!",
            "1772323200",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
