//! So many in so long, for one key.

use super::micros::{Micros, micros};
use super::refusal::TooMany;
use super::table::Tracked;
use std::num::NonZeroU32;
use std::time::Duration;

/// So many in so long: `burst` at once, and then one each `per / burst`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many at once, by somebody who was quiet for `per`.
    pub burst: NonZeroU32,
    /// How long it takes until all of them are there again.
    pub per: Duration,
}

/// What is left of a [`Rate`], as the generic cell rate algorithm (ITU-T I.371) keeps it: the moment at which
/// everything is there again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spent {
    full_at: Micros,
}

impl Rate {
    /// # Errors
    /// [`TooMany`], if nothing is left.
    pub(super) fn check(self, spent: Spent, now: Micros) -> Result<(), TooMany> {
        let wait = self.after_one_more(spent, now).full_at - micros(self.per) - now;
        if wait <= 0 { Ok(()) } else { Err(TooMany::new(self.burst.get(), wait)) }
    }

    /// Takes one, whether it is there or not.
    pub(super) fn after_one_more(self, spent: Spent, now: Micros) -> Spent {
        // Further ahead than `per` is a clock that was set back.
        let full_at = spent.full_at.clamp(now, now.saturating_add(micros(self.per)));
        Spent { full_at: full_at.saturating_add(self.interval()) }
    }

    /// Gives one back.
    pub(super) fn after_one_less(self, spent: Spent) -> Spent {
        Spent { full_at: spent.full_at.saturating_sub(self.interval()) }
    }

    /// What is spent of this rate by somebody who has spent `spent` of `old`: as many as before, though not more than
    /// there are.
    pub(super) fn taken_over(self, spent: Spent, old: Self, now: Micros) -> Spent {
        let ahead = i128::from(spent.full_at.saturating_sub(now).clamp(0, micros(old.per)));
        let ahead = ahead * i128::from(self.interval()) / i128::from(old.interval());
        let ahead = Micros::try_from(ahead).unwrap_or(Micros::MAX).min(micros(self.per));
        Spent { full_at: now.saturating_add(ahead) }
    }

    fn interval(self) -> Micros {
        (micros(self.per) / Micros::from(self.burst.get())).max(1)
    }
}

impl Tracked for Spent {
    type Rank = Micros;

    fn rank(&self) -> Micros {
        self.full_at
    }

    fn is_spent(&self, now: Micros) -> bool {
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

    fn after(n: usize, now: Micros) -> Spent {
        (0..n).fold(Spent::default(), |spent, _| rate().after_one_more(spent, now))
    }

    #[test]
    fn what_is_spent_of_one_rate_is_spent_of_the_next() {
        let twice = Rate { burst: NonZeroU32::new(6).unwrap(), per: Duration::from_mins(10) };
        let left = |rate: Rate, mut spent: Spent| {
            let mut left = 0;
            while rate.check(spent, 0).is_ok() {
                (left, spent) = (left + 1, rate.after_one_more(spent, 0));
            }
            left
        };
        for (taken, of_more, of_less) in [(0, 6, 3), (2, 4, 1), (3, 3, 0)] {
            assert_eq!(left(twice, twice.taken_over(after(taken, 0), rate(), 0)), of_more, "{taken}");
            let spent = (0..taken).fold(Spent::default(), |spent, _| twice.after_one_more(spent, 0));
            assert_eq!(left(rate(), rate().taken_over(spent, twice, 0)), of_less, "{taken}");
        }
    }

    #[test]
    fn all_are_there_at_once_and_then_one_by_one() {
        assert!(rate().check(after(2, 0), 0).is_ok());
        let refused = rate().check(after(3, 0), 0).unwrap_err();
        assert_eq!((refused.limit, refused.retry_after), (3, Duration::from_secs(20)));
        assert!(rate().check(after(3, 0), 20 * SECOND - 1).is_err());
        assert!(rate().check(after(3, 0), 20 * SECOND).is_ok());
    }

    #[test]
    fn what_was_given_back_was_never_taken() {
        assert!(rate().check(rate().after_one_less(after(3, 0)), 0).is_ok());
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out_for_longer_than_the_rate() {
        let refused = rate().check(after(3, 3_600 * SECOND), 0).unwrap_err();
        assert!(refused.retry_after <= Duration::from_mins(1), "{refused:?}");
    }
}
