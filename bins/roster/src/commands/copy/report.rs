//! What a copy reports.

use super::contents::Contents;
use super::merge::MergeSummary;

/// What was copied.
pub(super) struct Copied {
    /// Everything that the target has now.
    pub(super) contents: Contents,
    /// How it was merged with what the target had.
    pub(super) merged: Option<Merged>,
    pub(super) comparison: Comparison,
}

/// Whether the target was the same when it was read again.
pub(super) enum Comparison {
    Equal,
    /// Servers that use the target have changed it.
    ChangedSince,
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
        let comparison = match self.comparison {
            Comparison::Equal => "the target was read again and is equal",
            Comparison::ChangedSince => "servers have changed the target since, so it was not compared",
        };
        match &self.merged {
            None => format!(
                "copied {contents}\n\
                 from {source} to {target}; {comparison}\n\
                 to use the copy, set storage.url to it and start the server; the source is unchanged\n"
            ),
            Some(Merged { replaced, summary }) => format!(
                "merged {source} into {target}, which got {contents}; {comparison}\n\
                 {summary}\n\
                 the target as it was before is kept in {replaced}; the source is unchanged\n"
            ),
        }
    }
}
