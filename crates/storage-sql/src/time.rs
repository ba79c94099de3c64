//! Times as microseconds since 1970, which is what the clock of Roster counts in.

use jiff::Timestamp;

use crate::error::ColumnError;

/// The stored time of an event that never happened. It sorts before every time.
pub const NEVER: i64 = i64::MIN;

/// The time in microseconds. [`Timestamp::MAX`], the end of what never ends, stays the last one.
#[must_use]
pub fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// The time with this number of microseconds.
///
/// # Errors
/// [`ColumnError`] if it is beyond what a timestamp can express.
pub fn timestamp(column: &'static str, micros: i64) -> Result<Timestamp, ColumnError> {
    // The last timestamp has nanoseconds, which the row does not keep.
    if micros == Timestamp::MAX.as_microsecond() {
        return Ok(Timestamp::MAX);
    }
    Timestamp::from_microsecond(micros).map_err(|error| ColumnError::new(column, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_kept_to_the_microsecond() {
        for micros in [-1, 0, 1_700_000_000_123_456, Timestamp::MIN.as_microsecond()] {
            let time = timestamp("at", micros).unwrap();
            assert_eq!(super::micros(time), micros);
        }
        assert_eq!(timestamp("at", micros(Timestamp::MAX)).unwrap(), Timestamp::MAX);
    }

    #[test]
    fn a_number_that_is_no_time_names_its_column() {
        let error = timestamp("updated_at", NEVER).unwrap_err();
        assert!(error.to_string().starts_with("updated_at: "), "{error}");
    }
}
