//! The totals of an import.

use crate::report::location::{Escaped, is_invisible};
use crate::report::outcome::{RecordOutcome, RecordReport};
use crate::report::ranges::RecordRanges;
use crate::report::unread_list::UnreadList;
use serde::Serialize;
use std::fmt;

/// The outcome of all records. Its size does not depend on their number: the records are reported one by one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportSummary {
    /// Whether this was a dry run.
    pub dry_run: bool,
    /// The number of records.
    pub total: usize,
    /// The number of people who were imported.
    pub imported: usize,
    /// The number of people who are users already, recognised by their id. They are left untouched.
    pub unchanged: usize,
    /// The number of records that were refused.
    pub refused: usize,
    /// What is to be known about where the records come from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub source_notes: Vec<String>,
    /// The role mappings that match no record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unmatched_role_mappings: Vec<String>,
    /// Lists of objects in the document that were not imported: at most 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread_lists: Vec<UnreadList>,
    /// The records that were imported without a note.
    #[serde(skip)]
    as_is: RecordRanges,
    /// The records of people who are users already.
    #[serde(skip)]
    same: RecordRanges,
}

impl ImportSummary {
    /// The summary of an import that has no records yet.
    #[must_use]
    pub fn new(dry_run: bool) -> Self {
        Self {
            dry_run,
            total: 0,
            imported: 0,
            unchanged: 0,
            refused: 0,
            source_notes: Vec::new(),
            unmatched_role_mappings: Vec::new(),
            unread_lists: Vec::new(),
            as_is: RecordRanges::default(),
            same: RecordRanges::default(),
        }
    }

    /// Counts a record. Records are added in the order of the file.
    pub fn add(&mut self, record: &RecordReport) {
        self.total += 1;
        let quiet = !record.outcome.needs_attention();
        match record.outcome {
            RecordOutcome::Imported { .. } => {
                self.imported += 1;
                if quiet {
                    self.as_is.add(&record.location);
                }
            }
            RecordOutcome::Unchanged { .. } => {
                self.unchanged += 1;
                self.same.add(&record.location);
            }
            RecordOutcome::Refused { .. } => self.refused += 1,
        }
    }
}

impl fmt::Display for ImportSummary {
    /// Writes the counts, then the unremarkable records as a list. The other records have lines of their own: see
    /// [`RecordReport`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { total, imported, unchanged, refused, .. } = self;
        let records = if *total == 1 { "record" } else { "records" };
        let dry = if self.dry_run { " (dry run: nothing was written)" } else { "" };
        writeln!(f, "{total} {records}: {imported} imported, {unchanged} unchanged, {refused} refused{dry}")?;
        for note in &self.source_notes {
            writeln!(f, "  note: {}", note.replace(is_invisible, "�"))?;
        }
        for name in &self.unmatched_role_mappings {
            writeln!(
                f,
                "  --map-role {}: no record has a role, a group or a field with this name",
                Escaped(name)
            )?;
        }
        if !self.unread_lists.is_empty() {
            let lists: Vec<_> = self.unread_lists.iter().map(ToString::to_string).collect();
            writeln!(f, "  not imported, because only people are read: {}", lists.join(", "))?;
        }
        for (what, ranges) in
            [("imported as is", &self.as_is), ("unchanged, because these users exist already", &self.same)]
        {
            if !ranges.is_empty() {
                writeln!(f, "  {what}: {ranges}")?;
            }
        }
        Ok(())
    }
}
