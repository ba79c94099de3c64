//! Decides when the log is moved into the database, and when the writer starts it anew.

use crate::checkpoint::CHECKPOINT_PAGES;

/// How large the log grows before it is started anew. The checkpoint thread alone never gets to the end of a log that is
/// always written.
pub(crate) const RESTART_PAGES: u64 = 16_000;

/// How many pages the writer may move itself. Commits wait meanwhile.
const FEW_PAGES: u64 = 256;

/// How often the checkpoint thread moves what the writer has added during the last pass, before the writer moves the rest
/// itself, however much it is.
const MAX_PASSES: u8 = 4;

/// How large the log grows at most while the checkpoint thread is at work.
const MAX_PAGES: u64 = 4 * RESTART_PAGES;

/// What happens to the log next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogStep {
    /// Nothing.
    Keep,
    /// The checkpoint thread moves it while the writer goes on.
    Move,
    /// The writer moves the rest and starts it anew.
    Restart,
}

/// Chooses the step after each commit.
#[derive(Debug)]
pub(crate) struct LogPace {
    /// Its size at the last step. It only grows, until it is started anew.
    pages: u64,
    /// The size at which it is moved next.
    move_at: u64,
    /// The size at which it is to be started anew.
    restart_at: u64,
    /// How often the rest was moved since then.
    passes: u8,
}

impl Default for LogPace {
    fn default() -> Self {
        Self::NEW
    }
}

impl LogPace {
    /// For a log that begins.
    const NEW: Self = Self { pages: 0, move_at: CHECKPOINT_PAGES, restart_at: RESTART_PAGES, passes: 0 };

    /// What to do with a log of so many pages, of which `left` are not moved yet; `None` while the checkpoint thread is at
    /// work.
    pub(crate) const fn step(&mut self, pages: u64, left: Option<u64>) -> LogStep {
        if pages < self.pages {
            // It was started anew: by the writer, or by SQLite itself once everything was moved and nobody read it.
            *self = Self::NEW;
        }
        self.pages = pages;
        if pages >= self.restart_at {
            return self.step_towards_restart(pages, left);
        }
        if pages < self.move_at {
            return LogStep::Keep;
        }
        self.move_at = pages + CHECKPOINT_PAGES;
        LogStep::Move
    }

    const fn step_towards_restart(&mut self, pages: u64, left: Option<u64>) -> LogStep {
        match left {
            None if pages < self.restart_at + MAX_PAGES => LogStep::Keep,
            Some(left) if left > FEW_PAGES && self.passes < MAX_PASSES => {
                self.passes += 1;
                LogStep::Move
            }
            None | Some(_) => LogStep::Restart,
        }
    }

    /// The log was started anew.
    pub(crate) const fn restarted(&mut self) {
        self.restart_at = RESTART_PAGES;
        self.passes = 0;
    }

    /// The log of so many pages was not started anew: a reader, such as a backup, still needs it.
    pub(crate) const fn still_needed(&mut self, pages: u64) {
        self.restart_at = pages + RESTART_PAGES;
        self.passes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_growing_log_is_moved_at_intervals() {
        let mut pace = LogPace::default();
        assert_eq!(pace.step(CHECKPOINT_PAGES - 1, Some(0)), LogStep::Keep);
        assert_eq!(pace.step(CHECKPOINT_PAGES, Some(CHECKPOINT_PAGES)), LogStep::Move);
        assert_eq!(pace.step(CHECKPOINT_PAGES + 1, None), LogStep::Keep);
        assert_eq!(pace.step(2 * CHECKPOINT_PAGES, Some(CHECKPOINT_PAGES)), LogStep::Move);
        assert_eq!(pace.step(1, Some(1)), LogStep::Keep, "it was started anew");
        assert_eq!(pace.step(CHECKPOINT_PAGES, Some(CHECKPOINT_PAGES)), LogStep::Move);
    }

    #[test]
    fn the_writer_starts_the_log_anew_only_when_little_of_it_is_left_to_move() {
        let mut pace = LogPace::default();
        assert_eq!(pace.step(RESTART_PAGES, None), LogStep::Keep, "the thread is at work");
        assert_eq!(pace.step(RESTART_PAGES + 1, Some(CHECKPOINT_PAGES)), LogStep::Move);
        assert_eq!(pace.step(RESTART_PAGES + 1_000, Some(1_000)), LogStep::Move);
        assert_eq!(pace.step(RESTART_PAGES + 1_200, Some(200)), LogStep::Restart);
        pace.restarted();
        assert_eq!(pace.step(CHECKPOINT_PAGES, Some(CHECKPOINT_PAGES)), LogStep::Move);
    }

    #[test]
    fn a_log_that_grows_as_fast_as_it_is_moved_is_started_anew_nevertheless() {
        let mut pace = LogPace::default();
        for pass in 0..MAX_PASSES {
            assert_eq!(pace.step(RESTART_PAGES, Some(CHECKPOINT_PAGES)), LogStep::Move, "{pass}");
        }
        assert_eq!(pace.step(RESTART_PAGES, Some(CHECKPOINT_PAGES)), LogStep::Restart);
        pace.restarted();
        assert_eq!(pace.step(RESTART_PAGES + MAX_PAGES, None), LogStep::Restart, "the thread takes too long");
    }

    #[test]
    fn a_log_that_sqlite_has_started_anew_by_itself_grows_no_longer_than_any_other() {
        let mut pace = LogPace::default();
        assert_eq!(pace.step(RESTART_PAGES, Some(0)), LogStep::Restart);
        pace.still_needed(RESTART_PAGES);
        assert_eq!(pace.step(1, Some(1)), LogStep::Keep, "the reader has left");
        for pass in 0..MAX_PASSES {
            assert_eq!(pace.step(RESTART_PAGES, Some(CHECKPOINT_PAGES)), LogStep::Move, "{pass}");
        }
        assert_eq!(pace.step(1, Some(1)), LogStep::Keep, "everything was moved meanwhile");
        assert_eq!(pace.step(RESTART_PAGES, Some(CHECKPOINT_PAGES)), LogStep::Move);
    }

    #[test]
    fn a_log_that_a_reader_needs_is_tried_again_when_it_has_grown() {
        let mut pace = LogPace::default();
        assert_eq!(pace.step(RESTART_PAGES, Some(0)), LogStep::Restart);
        pace.still_needed(RESTART_PAGES);
        assert_eq!(pace.step(RESTART_PAGES + 1, Some(1)), LogStep::Move, "it was not moved for long");
        assert_eq!(pace.step(2 * RESTART_PAGES - 1, Some(1)), LogStep::Move);
        assert_eq!(pace.step(2 * RESTART_PAGES, Some(0)), LogStep::Restart);
    }
}
