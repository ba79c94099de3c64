//! When a snapshot is due.

use std::time::Duration;

/// A snapshot is written after this long without a commit.
const QUIET: Duration = Duration::from_secs(1);
/// And at the latest this long after the previous one, so that the files are also up to date on a server that is
/// never quiet.
const MAX_AGE: Duration = Duration::from_secs(10);
/// Snapshots take at most one part in this many of the time.
const MAX_SHARE: u32 = 20;
/// A journal with fewer bytes is read quickly, whatever the size of the snapshot.
const SMALL_JOURNAL: u64 = 1 << 20;

/// The input of the decision.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SnapshotState {
    /// Whether anything was committed since the last snapshot.
    pub(crate) is_behind: bool,
    /// Whether another program changed the users file.
    pub(crate) is_edited: bool,
    /// The time since the last commit.
    pub(crate) idle_for: Duration,
    /// The size of the journal in bytes.
    pub(crate) journal: u64,
    /// The size of the last snapshot in bytes.
    pub(crate) snapshot: u64,
    /// The duration of the last snapshot or attempt.
    pub(crate) took: Duration,
    /// The time since it ended.
    pub(crate) rested: Duration,
}

/// Whether to write a snapshot now: after a second without a commit or ten seconds without a snapshot, when the
/// journal exceeds half the size of the last snapshot, or to repair an edited file; but for at most a twentieth of
/// the time.
pub(crate) fn is_due(facts: &SnapshotState) -> bool {
    let is_rested = facts.rested >= facts.took * (MAX_SHARE - 1);
    let has_outgrown = facts.journal > (facts.snapshot / 2).max(SMALL_JOURNAL);
    let is_late = facts.idle_for >= QUIET || facts.rested >= MAX_AGE;
    let is_wanted = facts.is_behind && (is_late || has_outgrown);
    is_rested && (is_wanted || facts.is_edited)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUSY: SnapshotState = SnapshotState {
        is_behind: true,
        is_edited: false,
        idle_for: Duration::ZERO,
        journal: 4 << 20,
        snapshot: 10 << 20,
        took: Duration::from_millis(100),
        rested: Duration::from_secs(9),
    };

    #[test]
    fn a_second_without_commits_is_enough() {
        assert!(!is_due(&BUSY));
        assert!(is_due(&SnapshotState { idle_for: QUIET, ..BUSY }));
        assert!(!is_due(&SnapshotState { idle_for: QUIET, is_behind: false, ..BUSY }));
    }

    #[test]
    fn a_busy_server_still_gets_a_snapshot_in_time() {
        assert!(is_due(&SnapshotState { rested: MAX_AGE, ..BUSY }));
        assert!(!is_due(&SnapshotState { rested: MAX_AGE, is_behind: false, ..BUSY }));
    }

    #[test]
    fn an_edit_is_repaired_immediately() {
        assert!(is_due(&SnapshotState { is_edited: true, is_behind: false, ..BUSY }));
    }

    #[test]
    fn a_journal_of_half_the_snapshot_triggers_one() {
        assert!(is_due(&SnapshotState { journal: 6 << 20, ..BUSY }));
        assert!(!is_due(&SnapshotState { journal: 1 << 20, snapshot: 0, ..BUSY }));
    }

    #[test]
    fn snapshots_take_at_most_a_twentieth_of_the_time() {
        let due = SnapshotState { idle_for: QUIET, rested: Duration::from_millis(1_899), ..BUSY };
        assert!(!is_due(&due));
        assert!(is_due(&SnapshotState { rested: Duration::from_millis(1_900), ..due }));
    }
}
