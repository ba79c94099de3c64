//! When jobs that failed for a passing reason are tried again.

use super::state::JobState;
use jiff::{SignedDuration, Timestamp};
use roster_domain::JobId;
use std::collections::HashMap;

/// The longest time between two tries.
const LONGEST: SignedDuration = SignedDuration::from_mins(10);

/// How many tries in a row may fail without getting the job further: for about a day.
const MAX_FAILURES: u32 = 150;

/// The failures of jobs that this process has tried. Other jobs run meanwhile.
#[derive(Default)]
pub(super) struct Retries(HashMap<JobId, Retry>);

struct Retry {
    /// How often it failed in a row.
    failures: u32,
    /// The records that were dealt with.
    done: usize,
    /// Whether it was cancelled already.
    is_cancelled: bool,
    /// When it is due.
    at: Timestamp,
}

/// What becomes of a job after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterFailure {
    /// It is tried again, after this time.
    TryAgain(SignedDuration),
    /// It has failed too often.
    GiveUp,
}

impl Retries {
    /// Whether the job may be tried now: it has not failed here, or long enough ago, or was cancelled since.
    pub(super) fn is_due(&self, id: JobId, state: &JobState, now: Timestamp) -> bool {
        let Some(retry) = self.0.get(&id) else { return true };
        now >= retry.at || (state.is_cancelled && !retry.is_cancelled)
    }

    /// Notes a failure.
    pub(super) fn note(&mut self, id: JobId, state: &JobState, now: Timestamp) -> AfterFailure {
        let (done, is_cancelled) = (state.counts.done, state.is_cancelled);
        let earlier = self.0.get(&id).filter(|retry| retry.done == done);
        let failures = earlier.map_or(0, |retry| retry.failures) + 1;
        let delay = SignedDuration::from_secs(1 << (failures - 1).min(30)).min(LONGEST);
        let at = now.saturating_add(delay).unwrap_or(Timestamp::MAX);
        self.0.insert(id, Retry { failures, done, is_cancelled, at });
        if failures < MAX_FAILURES { AfterFailure::TryAgain(delay) } else { AfterFailure::GiveUp }
    }

    /// Forgets the failures of a job that has ended.
    pub(super) fn forget(&mut self, id: JobId) {
        self.0.remove(&id);
    }
}
