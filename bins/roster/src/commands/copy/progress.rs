//! The progress bar. It is visible only if stderr is a terminal.

use indicatif::{ProgressBar, ProgressStyle};
use roster_storage::Snapshot;

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
