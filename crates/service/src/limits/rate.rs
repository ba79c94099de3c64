//! A rate limit, and how much of it one key has used.

use super::limit_reached::TooMany;
use super::micros::{Micros, micros};
use super::table::Tracked;
use std::num::NonZeroU32;
use std::time::Duration;

/// A rate limit: `burst` requests at once, then one every `per / burst`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many requests are allowed at once after a pause of `per`.
    pub burst: NonZeroU32,
    /// How long it takes until the full burst is available again.
    pub per: Duration,
}

/// How much of a [`Rate`] is used, as in the generic cell rate algorithm (ITU-T I.371): the time at which the full
/// burst is available again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    full_at: Micros,
}

impl Rate {
    /// Checks whether one more is allowed.
    ///
    /// # Errors
    /// [`TooMany`] if not.
    pub(super) fn check(self, usage: Usage, now: Micros) -> Result<(), TooMany> {
        let wait = self.plus_one(usage, now).full_at - micros(self.per) - now;
        if wait <= 0 { Ok(()) } else { Err(TooMany::new(self.burst.get(), wait)) }
    }

    /// The usage after one more, whether or not it is allowed.
    pub(super) fn plus_one(self, usage: Usage, now: Micros) -> Usage {
        // A time more than `per` ahead means that the clock was set back.
        let full_at = usage.full_at.clamp(now, now.saturating_add(micros(self.per)));
        Usage { full_at: full_at.saturating_add(self.interval()) }
    }

    /// The usage after one is given back.
    pub(super) fn minus_one(self, usage: Usage) -> Usage {
        Usage { full_at: usage.full_at.saturating_sub(self.interval()) }
    }

    /// Converts a usage of the rate `old` to this rate: the same number is used, at most the full burst.
    pub(super) fn convert(self, usage: Usage, old: Self, now: Micros) -> Usage {
        let ahead = i128::from(usage.full_at.saturating_sub(now).clamp(0, micros(old.per)));
        let ahead = ahead * i128::from(self.interval()) / i128::from(old.interval());
        let ahead = Micros::try_from(ahead).unwrap_or(Micros::MAX).min(micros(self.per));
        Usage { full_at: now.saturating_add(ahead) }
    }

    fn interval(self) -> Micros {
        (micros(self.per) / Micros::from(self.burst.get())).max(1)
    }
}

impl Usage {
    /// When the full burst is available again.
    pub(super) const fn full_at(self) -> Micros {
        self.full_at
    }

    /// The form in which servers share it.
    pub(super) fn numbers(self) -> Vec<i64> {
        vec![self.full_at]
    }

    /// Reads what [`numbers`](Self::numbers) wrote; `None` for anything else.
    pub(super) fn from_numbers(numbers: &[i64]) -> Option<Self> {
        let [full_at] = *numbers else { return None };
        Some(Self { full_at })
    }
}

impl Tracked for Usage {
    type Rank = Micros;

    fn rank(&self) -> Micros {
        self.full_at
    }

    fn is_expired(&self, now: Micros) -> bool {
        self.full_at <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Micros = 1_000_000;

    fn rate() -> Rate {
        Rate { burst: NonZeroU32::new(3).unwrap(), per: Duration::from_mins(1) }
    }

    fn after(n: usize, now: Micros) -> Usage {
        (0..n).fold(Usage::default(), |usage, _| rate().plus_one(usage, now))
    }

    #[test]
    fn converting_a_usage_keeps_the_number_used() {
        let twice = Rate { burst: NonZeroU32::new(6).unwrap(), per: Duration::from_mins(10) };
        let left = |rate: Rate, mut usage: Usage| {
            let mut left = 0;
            while rate.check(usage, 0).is_ok() {
                (left, usage) = (left + 1, rate.plus_one(usage, 0));
            }
            left
        };
        for (taken, of_more, of_less) in [(0, 6, 3), (2, 4, 1), (3, 3, 0)] {
            assert_eq!(left(twice, twice.convert(after(taken, 0), rate(), 0)), of_more, "{taken}");
            let usage = (0..taken).fold(Usage::default(), |usage, _| twice.plus_one(usage, 0));
            assert_eq!(left(rate(), rate().convert(usage, twice, 0)), of_less, "{taken}");
        }
    }

    #[test]
    fn a_burst_is_allowed_at_once_and_then_one_per_interval() {
        assert!(rate().check(after(2, 0), 0).is_ok());
        let reached = rate().check(after(3, 0), 0).unwrap_err();
        assert_eq!((reached.limit, reached.retry_after), (3, Duration::from_secs(20)));
        assert!(rate().check(after(3, 0), 20 * SECOND - 1).is_err());
        assert!(rate().check(after(3, 0), 20 * SECOND).is_ok());
    }

    #[test]
    fn giving_one_back_allows_one_more() {
        assert!(rate().check(rate().minus_one(after(3, 0)), 0).is_ok());
    }

    #[test]
    fn setting_the_clock_back_locks_nobody_out_for_longer_than_the_period() {
        let reached = rate().check(after(3, 3_600 * SECOND), 0).unwrap_err();
        assert!(reached.retry_after <= Duration::from_mins(1), "{reached:?}");
    }
}
