//! How much of a long series of units fits into a transaction, so that other writers need not wait long.

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use crate::queue::Queue;

/// The time after which a series lets others go first.
const TURN: Duration = Duration::from_millis(5);

/// How long the COMMIT may take while others write too. It writes all pages that the transaction has changed, and others
/// have to wait for it.
const MAX_COMMIT: Duration = Duration::from_millis(20);

/// How long it may take if nobody else has written since the last one: the larger a transaction, the fewer pages are written
/// again and again. Whoever begins to write meanwhile waits that long, but only once.
const MAX_COMMIT_ALONE: Duration = Duration::from_millis(30);

/// The units of a transaction, however fast it is.
const UNITS: RangeInclusive<usize> = 32..=4_096;

/// Chooses how many units of a series a transaction takes.
#[derive(Debug)]
pub(crate) struct SeriesPace {
    units: usize,
    /// Whether others have written since the last transaction of the series.
    has_company: bool,
}

impl Default for SeriesPace {
    fn default() -> Self {
        Self { units: 512, has_company: false }
    }
}

impl SeriesPace {
    /// Whether a transaction that began then and has so many units may take another one.
    pub(crate) fn may_take(&self, taken: usize, began: Instant, queue: &mut Queue) -> bool {
        taken == 0 || taken < self.units && (began.elapsed() < TURN || !queue.has_entry())
    }

    /// Learns that others write.
    pub(crate) const fn meet_others(&mut self) {
        self.has_company = true;
    }

    /// Learns how long a COMMIT of so many units took. One of twice as many takes up to twice as long.
    pub(crate) fn adapt(&mut self, units: usize, commit: Duration) {
        let most = if std::mem::take(&mut self.has_company) { MAX_COMMIT } else { MAX_COMMIT_ALONE };
        let next = match commit {
            long if long > most => units / 2,
            short if short < most / 2 => self.units.max(units.saturating_mul(2)),
            _ => self.units,
        };
        self.units = next.clamp(*UNITS.start(), *UNITS.end());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::queue::Work;

    #[test]
    fn a_series_lets_others_go_first_once_its_turn_is_over() {
        let (sender, receiver) = mpsc::channel();
        let (pace, mut queue) = (SeriesPace::default(), Queue::new(receiver));
        let long_ago = Instant::now().checked_sub(TURN).unwrap();
        assert!(pace.may_take(1, long_ago, &mut queue), "nobody waits");
        sender.send(Work::Stop).unwrap();
        assert!(!pace.may_take(1, long_ago, &mut queue));
        assert!(pace.may_take(0, long_ago, &mut queue), "each transaction leads on");
        assert!(pace.may_take(1, Instant::now() + TURN, &mut queue), "its turn is not over");
        assert!(matches!(queue.take(), Some(Work::Stop)), "it is still in the queue");
    }

    #[test]
    fn a_slow_commit_makes_the_next_transaction_smaller_and_fast_ones_larger() {
        let mut pace = SeriesPace::default();
        pace.adapt(512, MAX_COMMIT_ALONE + Duration::from_millis(1));
        assert_eq!(pace.units, 256);
        pace.adapt(10, Duration::ZERO);
        assert_eq!(pace.units, 256, "a short series says nothing about a long one");
        pace.adapt(256, Duration::ZERO);
        assert_eq!(pace.units, 512);
        pace.adapt(512, MAX_COMMIT_ALONE);
        assert_eq!(pace.units, 512, "a larger one would take too long");
        pace.adapt(1_000_000, Duration::ZERO);
        assert_eq!(pace.units, *UNITS.end());
        pace.adapt(1, Duration::MAX);
        assert_eq!(pace.units, *UNITS.start());
    }

    #[test]
    fn a_commit_may_take_longer_while_nobody_else_writes() {
        let mut pace = SeriesPace::default();
        pace.meet_others();
        pace.adapt(512, MAX_COMMIT + Duration::from_millis(1));
        assert_eq!(pace.units, 256);
        pace.adapt(256, MAX_COMMIT + Duration::from_millis(1));
        assert_eq!(pace.units, 256, "the others have gone");
    }
}
