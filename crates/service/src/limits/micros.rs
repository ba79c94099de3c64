//! Times and durations as the tables count them.

use std::time::Duration;

/// Microseconds, since 1970 or as a duration.
pub(super) type Micros = i64;

pub(super) fn micros(duration: Duration) -> Micros {
    Micros::try_from(duration.as_micros()).unwrap_or(Micros::MAX)
}
