//! The time, as an argument.

use jiff::Timestamp;

/// A clock. It is passed in wherever the time matters, so that tests can set the time.
pub trait Clock: Send + Sync {
    /// The current time in whole microseconds, which is the precision of the API.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    fn now(&self) -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }
}
