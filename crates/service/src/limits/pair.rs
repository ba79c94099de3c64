//! The attempts of one client for one name: after a few failures, a growing delay.

use super::limit_reached::TooMany;
use super::micros::{Micros, micros};
use super::table::Tracked;
use std::time::Duration;

/// How failures slow down a pair of name and client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// How many failures cause no delay.
    pub free_failures: u32,
    /// The delay after the last free failure. Each further failure doubles it.
    pub first: Duration,
    /// The longest delay.
    pub longest: Duration,
    /// How long after the last failure the count is reset. Before that, only the correct password or an unlock resets
    /// it.
    pub forget_after: Duration,
}

/// How many attempts of a pair may run at once while it has no delay. This allows a program to log in many times in
/// parallel; one that guesses in parallel soon uses up its free failures.
const MAX_IN_FLIGHT: u32 = 16;

/// After this, an attempt in progress is one whose server has died. Only shared counts outlive their server.
const LOST_AFTER: Micros = 60_000_000;

/// How long an attempt must wait if too many others are in progress.
const IN_FLIGHT_WAIT: Micros = 1_000_000;

/// The state of a pair of name and client.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pair {
    /// The digest of the name, for finding all pairs of a name.
    pub(super) subject: u64,
    failures: u32,
    in_flight: u32,
    /// When the last failure was, or the last attempt if there is no failure.
    last: Micros,
    forget_at: Micros,
    /// When the last attempt began.
    begun: Micros,
}

impl Delay {
    /// Checks whether the pair may make an attempt now.
    ///
    /// # Errors
    /// [`TooMany`] if it has to wait.
    pub(super) fn check(&self, pair: &Pair, now: Micros) -> Result<(), TooMany> {
        let delay = if now >= pair.forget_at { 0 } else { self.delay_after(pair.failures) };
        let wait = pair.last.saturating_add(delay) - now;
        // A longer wait means that the clock was set back.
        if wait > 0 && wait <= micros(self.longest).saturating_mul(2) {
            return Err(TooMany::new(self.free_failures, wait));
        }
        let max_in_flight = if delay == 0 { MAX_IN_FLIGHT.max(self.free_failures) } else { 1 };
        if pair.in_flight < max_in_flight {
            Ok(())
        } else {
            Err(TooMany::new(self.free_failures, IN_FLIGHT_WAIT))
        }
    }

    pub(super) fn begin(&self, pair: &mut Pair, now: Micros) {
        if now >= pair.forget_at {
            pair.failures = 0;
        }
        if pair.failures == 0 {
            pair.last = now;
        }
        pair.in_flight = pair.in_flight.saturating_add(1);
        pair.begun = now;
        pair.forget_at = pair.forget_at.max(self.forget_at(now));
    }

    pub(super) fn fail(&self, pair: &mut Pair, now: Micros) {
        pair.end();
        pair.failures = pair.failures.saturating_add(1);
        pair.last = now;
        pair.forget_at = self.forget_at(now);
    }

    fn forget_at(&self, now: Micros) -> Micros {
        now.saturating_add(micros(self.forget_after))
    }

    fn delay_after(&self, failures: u32) -> Micros {
        let Some(doublings) = failures.checked_sub(self.free_failures.max(1)) else { return 0 };
        let delay = self.first.checked_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX));
        micros(delay.unwrap_or(self.longest).min(self.longest))
    }
}

impl Pair {
    pub(super) fn end(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// The form in which servers share it.
    pub(super) fn numbers(&self) -> Vec<i64> {
        let Self { subject, failures, in_flight, last, forget_at, begun } = *self;
        vec![subject.cast_signed(), failures.into(), in_flight.into(), last, forget_at, begun]
    }

    /// Reads what [`numbers`](Self::numbers) wrote; `None` for anything else.
    pub(super) fn from_numbers(numbers: &[i64], now: Micros) -> Option<Self> {
        let [subject, failures, in_flight, last, forget_at, begun] = *numbers else { return None };
        let in_flight = if now >= begun.saturating_add(LOST_AFTER) { 0 } else { in_flight };
        let (failures, in_flight) = (u32::try_from(failures).ok()?, u32::try_from(in_flight).ok()?);
        Some(Self { subject: subject.cast_unsigned(), failures, in_flight, last, forget_at, begun })
    }

    /// When it has no effect any more, unless it changes.
    pub(super) fn expires_at(&self) -> Micros {
        let lost = if self.in_flight == 0 { Micros::MIN } else { self.begun.saturating_add(LOST_AFTER) };
        if self.failures == 0 { lost } else { self.forget_at.max(lost) }
    }

    /// Clears the failures.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

impl Tracked for Pair {
    type Rank = (u32, Micros);

    fn rank(&self) -> (u32, Micros) {
        (self.failures.saturating_add(self.in_flight), self.last)
    }

    fn is_expired(&self, now: Micros) -> bool {
        self.in_flight == 0 && (self.failures == 0 || now >= self.forget_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Micros = 1_000_000;

    const DELAY: Delay = Delay {
        free_failures: 3,
        first: Duration::from_secs(1),
        longest: Duration::from_secs(10),
        forget_after: Duration::from_hours(1),
    };

    fn failed(times: u32, at: Micros) -> Pair {
        let mut pair = Pair::default();
        for _ in 0..times {
            DELAY.begin(&mut pair, at);
            DELAY.fail(&mut pair, at);
        }
        pair
    }

    fn wait(failures: u32) -> u64 {
        DELAY.check(&failed(failures, 0), 0).map_or_else(|reached| reached.retry_after.as_secs(), |()| 0)
    }

    #[test]
    fn the_delay_doubles_up_to_the_longest() {
        assert_eq!([0, 2, 3, 4, 5, 6, 7, 50, u32::from(u16::MAX)].map(wait), [0, 0, 1, 2, 4, 8, 10, 10, 10]);
    }

    #[test]
    fn waiting_ends_the_delay_but_keeps_the_count() {
        let mut pair = failed(4, 0);
        assert!(DELAY.check(&pair, 2 * SECOND - 1).is_err());
        assert!(DELAY.check(&pair, 2 * SECOND).is_ok());
        DELAY.begin(&mut pair, 2 * SECOND);
        DELAY.fail(&mut pair, 2 * SECOND);
        assert_eq!(DELAY.check(&pair, 2 * SECOND).unwrap_err().retry_after, Duration::from_secs(4));
    }

    #[test]
    fn a_delayed_pair_has_one_attempt_at_a_time() {
        let mut pair = failed(3, 0);
        DELAY.begin(&mut pair, SECOND);
        assert!(DELAY.check(&pair, SECOND).is_err());
        pair.end();
        assert!(DELAY.check(&pair, SECOND).is_ok());
    }

    #[test]
    fn concurrent_attempts_are_bounded_before_the_first_failure() {
        let mut pair = Pair::default();
        for _ in 0..MAX_IN_FLIGHT {
            assert!(DELAY.check(&pair, 0).is_ok());
            DELAY.begin(&mut pair, 0);
        }
        assert!(DELAY.check(&pair, 0).is_err());
    }

    #[test]
    fn a_pair_without_recent_failures_is_reset() {
        let mut pair = failed(9, 0);
        let later = 3_600 * SECOND;
        assert!(pair.is_expired(later) && !pair.is_expired(later - 1));
        DELAY.begin(&mut pair, later);
        assert!(DELAY.check(&pair, later).is_ok());
    }

    #[test]
    fn setting_the_clock_back_locks_nobody_out() {
        assert!(DELAY.check(&failed(3, 3_600 * SECOND), 0).is_ok());
    }
}
