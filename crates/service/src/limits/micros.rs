//! Times and durations in microseconds.

use std::time::Duration;

/// A time since the Unix epoch or a duration, in microseconds.
pub(super) type Micros = i64;

pub(super) fn micros(duration: Duration) -> Micros {
    Micros::try_from(duration.as_micros()).unwrap_or(Micros::MAX)
}
