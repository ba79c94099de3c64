//! What a copy reports.

use super::contents::Contents;
use super::merge::MergeSummary;

/// What was copied.
pub(super) struct Copied {
    /// Everything that the target has now.
    pub(super) contents: Contents,
    /// How it was merged with what the target had.
    pub(super) merged: Option<Merged>,
}

/// What a merge did.
pub(super) struct Merged {
    /// Where the store is that the target had, in messages.
    pub(super) replaced: String,
    pub(super) summary: MergeSummary,
}

impl Copied {
    /// The report. `source` and `target` are the stores in messages, in quotes.
    pub(super) fn report(&self, source: &str, target: &str) -> String {
        let contents = &self.contents;
        match &self.merged {
            None => format!(
                "copied {contents}\n\
                 from {source} to {target}; both were read again and are equal\n\
                 to use the copy, set storage.url to it and start the server; the source is unchanged\n"
            ),
            Some(Merged { replaced, summary }) => format!(
                "merged {source} into {target}, which was read again and has {contents}\n\
                 {summary}\n\
                 the target as it was before is kept in {replaced}; the source is unchanged\n"
            ),
        }
    }
}
