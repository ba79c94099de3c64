//! The minimum duration of a failed login.

use crate::password::BcryptCost;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The number of remembered hashes.
const RECENT: usize = 16;
/// How long a hash is remembered, since load changes.
const MEMORY: Duration = Duration::from_mins(1);

/// The duration of a hash at the configured cost. It is calibrated in processor time, because at the lowest priority
/// the wall clock measures what else the machine does. It is corrected upwards by the duration of recent hashes,
/// because under load even the configured hash takes longer than calibrated.
pub(super) struct Floor {
    estimate: Duration,
    measured: Mutex<Measured>,
}

#[derive(Default)]
struct Measured {
    calibration: Vec<Duration>,
    recent: VecDeque<(Instant, Duration)>,
}

impl Floor {
    pub(super) fn new(cost: BcryptCost) -> Self {
        // A quarter of a second, as at cost 12, until it is measured.
        let estimate = Duration::from_micros(61 << cost.get());
        Self { estimate, measured: Mutex::default() }
    }

    /// Records the processor time of a hash that ran while all threads were hashing.
    pub(super) fn calibrate(&self, took: Duration) {
        let mut measured = self.measured.lock();
        measured.calibration.push(took);
        measured.calibration.sort_unstable();
    }

    /// Records the wall-clock time of a hash at the configured cost.
    pub(super) fn record(&self, now: Instant, took: Duration) {
        let mut measured = self.measured.lock();
        if measured.recent.len() == RECENT {
            measured.recent.pop_front();
        }
        measured.recent.push_back((now, took));
    }

    /// 1.1 times the median of the calibration; under load, 1.1 times what four out of five recent hashes took at
    /// most.
    pub(super) fn get(&self, now: Instant) -> Duration {
        let measured = self.measured.lock();
        let calibrated = measured.calibration.get(measured.calibration.len() / 2);
        let base = calibrated.copied().unwrap_or(self.estimate);
        let usual = measured.usual(now);
        drop(measured);
        let calm = a_tenth_more(base);
        // Less than a tenth is noise, which does not move the floor.
        if usual > calm { a_tenth_more(usual) } else { calm }
    }
}

impl Measured {
    /// What four out of five recent hashes took at most.
    fn usual(&self, now: Instant) -> Duration {
        let is_recent = |at: Instant| now.saturating_duration_since(at) < MEMORY;
        let recent = self.recent.iter().filter(|(at, _)| is_recent(*at)).map(|(_, took)| *took);
        let mut recent: Vec<Duration> = recent.collect();
        recent.sort_unstable();
        recent.get(recent.len() * 4 / 5).copied().unwrap_or_default()
    }
}

fn a_tenth_more(time: Duration) -> Duration {
    time.saturating_mul(11) / 10
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn it_is_a_tenth_above_the_calibrated_median() {
        let floor = Floor::new(BcryptCost::DEFAULT);
        assert!(floor.get(Instant::now()) > 200 * MS);
        for took in [300, 100, 200] {
            floor.calibrate(took * MS);
        }
        assert_eq!(floor.get(Instant::now()), 220 * MS);
    }

    #[test]
    fn it_rises_under_load_and_falls_again() {
        let floor = Floor::new(BcryptCost::DEFAULT);
        floor.calibrate(100 * MS);
        let now = Instant::now();
        for _ in 0..RECENT {
            floor.record(now, 400 * MS);
        }
        assert_eq!(floor.get(now), 440 * MS);
        assert_eq!(floor.get(now + MEMORY), 110 * MS);
    }

    #[test]
    fn it_does_not_follow_noise() {
        let floor = Floor::new(BcryptCost::DEFAULT);
        floor.calibrate(100 * MS);
        let now = Instant::now();
        for _ in 0..RECENT {
            floor.record(now, 109 * MS);
        }
        assert_eq!(floor.get(now), 110 * MS);
    }

    #[test]
    fn a_few_outliers_do_not_raise_it() {
        let floor = Floor::new(BcryptCost::DEFAULT);
        floor.calibrate(100 * MS);
        let now = Instant::now();
        for took in [90, 90, 5000, 90, 90, 90, 5000, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90] {
            floor.record(now, took * MS);
        }
        assert_eq!(floor.get(now), 110 * MS);
    }
}
