//! The progress bar. It is visible only if stderr is a terminal; otherwise, there is a line for each tenth.

use indicatif::{ProgressBar, ProgressStyle};
use roster_storage::{Snapshot, SnapshotProgress};

use crate::terminal::{self, counted};

pub(super) fn progress_bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {percent} %, {eta} left");
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Shows how much of a snapshot has been read.
pub(super) fn show(bar: &ProgressBar, snapshot: &dyn Snapshot) {
    let progress = snapshot.progress();
    bar.set_length(progress.total);
    bar.set_position(progress.done);
}

/// Writes a line to stderr, above the bar.
pub(super) fn tell(bar: &ProgressBar, line: &str) {
    bar.suspend(|| terminal::note(line));
}

/// How many tenths of a snapshot have been read.
#[derive(Default)]
pub(super) struct Tenths(u64);

impl Tenths {
    /// Whether another tenth has been read, and not everything.
    pub(super) fn have_grown(&mut self, snapshot: &dyn Snapshot) -> bool {
        let SnapshotProgress { done, total } = snapshot.progress();
        let before = self.0;
        self.0 = done.saturating_mul(10) / total.max(1);
        self.0 > before && done < total
    }
}

/// So many items, of about how many.
pub(super) fn of_total(items: u64, snapshot: &dyn Snapshot) -> String {
    match snapshot.progress().total {
        total if total > items => format!("{items} of about {}", counted(total, "item")),
        _ => counted(items, "item"),
    }
}
