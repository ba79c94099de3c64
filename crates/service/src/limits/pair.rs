//! One name tried by one client: after some failures, a delay that grows.

use super::micros::{Micros, micros};
use super::refusal::TooMany;
use super::table::Tracked;
use std::time::Duration;

/// How a pair of a name and a client is slowed down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// How many failures cost nothing.
    pub free_failures: u32,
    /// The delay after the last of these; each further failure doubles it.
    pub first: Duration,
    /// The longest delay.
    pub longest: Duration,
    /// How long after its last failure a pair is as good as new. Else only the right password makes it so.
    pub forget_after: Duration,
}

/// How many attempts of a pair may be under way at once while it is not slowed down. A program that logs in
/// many times at once is let be; one that guesses as often has spent its free failures many times over.
const AT_ONCE: u32 = 16;

/// What a refused attempt waits for while another one is decided.
const IN_FLIGHT_WAIT: Micros = 1_000_000;

/// What is known of a pair.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pair {
    /// The digest of the name, so that all pairs of a name can be found.
    pub(super) subject: u64,
    failures: u32,
    in_flight: u32,
    /// The last failure, or the last attempt if there was none.
    last: Micros,
    forget_at: Micros,
}

impl Delay {
    /// # Errors
    /// [`TooMany`], if the pair has to wait.
    pub(super) fn check(&self, pair: &Pair, now: Micros) -> Result<(), TooMany> {
        let delay = if now >= pair.forget_at { 0 } else { self.after(pair.failures) };
        let wait = pair.last.saturating_add(delay) - now;
        // What lies far ahead was written before the clock was set back.
        if wait > 0 && wait <= micros(self.longest).saturating_mul(2) {
            return Err(TooMany::new(self.free_failures, wait));
        }
        let at_once = if delay == 0 { AT_ONCE.max(self.free_failures) } else { 1 };
        if pair.in_flight < at_once { Ok(()) } else { Err(TooMany::new(self.free_failures, IN_FLIGHT_WAIT)) }
    }

    pub(super) fn begin(&self, pair: &mut Pair, now: Micros) {
        if now >= pair.forget_at {
            pair.failures = 0;
        }
        if pair.failures == 0 {
            pair.last = now;
        }
        pair.in_flight = pair.in_flight.saturating_add(1);
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

    fn after(&self, failures: u32) -> Micros {
        let Some(doublings) = failures.checked_sub(self.free_failures.max(1)) else { return 0 };
        let delay = self.first.checked_mul(1_u32.checked_shl(doublings).unwrap_or(u32::MAX));
        micros(delay.unwrap_or(self.longest).min(self.longest))
    }
}

impl Pair {
    pub(super) fn end(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// The right password.
    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }
}

impl Tracked for Pair {
    type Rank = (u32, Micros);

    fn rank(&self) -> (u32, Micros) {
        (self.failures.saturating_add(self.in_flight), self.last)
    }

    fn is_spent(&self, now: Micros) -> bool {
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
        DELAY.check(&failed(failures, 0), 0).map_or_else(|refused| refused.retry_after.as_secs(), |()| 0)
    }

    #[test]
    fn the_delay_doubles_up_to_a_longest_one() {
        assert_eq!([0, 2, 3, 4, 5, 6, 7, 50, u32::from(u16::MAX)].map(wait), [0, 0, 1, 2, 4, 8, 10, 10, 10]);
    }

    #[test]
    fn waiting_ends_the_delay_and_keeps_the_count() {
        let mut pair = failed(4, 0);
        assert!(DELAY.check(&pair, 2 * SECOND - 1).is_err());
        assert!(DELAY.check(&pair, 2 * SECOND).is_ok());
        DELAY.begin(&mut pair, 2 * SECOND);
        DELAY.fail(&mut pair, 2 * SECOND);
        assert_eq!(DELAY.check(&pair, 2 * SECOND).unwrap_err().retry_after, Duration::from_secs(4));
    }

    #[test]
    fn a_pair_that_is_slowed_down_has_one_attempt_at_a_time() {
        let mut pair = failed(3, 0);
        DELAY.begin(&mut pair, SECOND);
        assert!(DELAY.check(&pair, SECOND).is_err());
        pair.end();
        assert!(DELAY.check(&pair, SECOND).is_ok());
    }

    #[test]
    fn attempts_under_way_are_bounded_from_the_beginning() {
        let mut pair = Pair::default();
        for _ in 0..AT_ONCE {
            assert!(DELAY.check(&pair, 0).is_ok());
            DELAY.begin(&mut pair, 0);
        }
        assert!(DELAY.check(&pair, 0).is_err());
    }

    #[test]
    fn a_pair_that_was_quiet_for_long_is_as_good_as_new() {
        let mut pair = failed(9, 0);
        let later = 3_600 * SECOND;
        assert!(pair.is_spent(later) && !pair.is_spent(later - 1));
        DELAY.begin(&mut pair, later);
        assert!(DELAY.check(&pair, later).is_ok());
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        assert!(DELAY.check(&failed(3, 3_600 * SECOND), 0).is_ok());
    }
}
