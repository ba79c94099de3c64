//! Counts the parts of a file that are not about people.

use crate::report::unread_list::UnreadList;
use std::collections::BTreeMap;

/// The entries that were skipped, by their kind.
#[derive(Default)]
pub(crate) struct Skipped(BTreeMap<String, usize>);

impl Skipped {
    /// The report lists at most this many kinds.
    const MAX_KINDS: usize = 50;

    /// Counts an entry of this kind.
    pub(crate) fn add(&mut self, kind: &str) {
        if self.0.len() < Self::MAX_KINDS || self.0.contains_key(kind) {
            *self.0.entry(kind.to_owned()).or_default() += 1;
        }
    }

    /// The kinds and their numbers, for the report.
    pub(crate) fn lists(&self) -> Vec<UnreadList> {
        self.0.iter().map(|(name, entries)| UnreadList { name: name.clone(), entries: *entries }).collect()
    }
}
