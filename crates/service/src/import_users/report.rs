//! What became of the records of a file.

use super::location::{Escaped, RecordLocation};
use super::note::Note;
use super::ranges::RecordRanges;
use super::refusal::Refusal;
use super::unread_lists::UnreadList;
use roster_domain::StatusKind;
use serde::Serialize;
use std::fmt;

/// The status that goes without saying.
const ACTIVE: &str = StatusKind::Active.as_str();

/// What became of all records together. Its size does not depend on how many there are: each record is told to the
/// [`ImportObserver`](super::ImportObserver).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportSummary {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// How many records there are.
    pub total: usize,
    /// How many people came in.
    pub imported: usize,
    /// How many were there already, recognised by their id, and were left untouched.
    pub unchanged: usize,
    /// How many records were left out.
    pub refused: usize,
    /// Names of role mappings that no record has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unmatched_role_mappings: Vec<String>,
    /// Lists of objects in the document that hold no records for this import: at most 50.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread_lists: Vec<UnreadList>,
    /// The records that came in as they are.
    #[serde(skip)]
    as_is: RecordRanges,
    /// The records of people who were there.
    #[serde(skip)]
    same: RecordRanges,
}

/// What became of one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordReport {
    /// Where it stands.
    #[serde(flatten)]
    pub location: RecordLocation,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: RecordOutcome,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum RecordOutcome {
    /// The person came in, or would have without `dry_run`.
    Imported {
        /// Their username here.
        username: String,
        /// What a second import recognises them by.
        external_id: String,
        /// Their status here.
        status: &'static str,
        /// What was changed about them.
        reported: Vec<Note>,
    },
    /// The person was there already.
    Unchanged {
        /// Their username.
        username: String,
        /// What they were recognised by.
        external_id: String,
    },
    /// The record was left out.
    Refused {
        /// Why.
        reason: Refusal,
    },
}

impl RecordOutcome {
    /// Whether there is more to say than that it was counted: the record was left out, or somebody came in otherwise
    /// than the file says, or cannot log in.
    #[must_use]
    pub fn is_telling(&self) -> bool {
        match self {
            Self::Imported { status, reported, .. } => *status != ACTIVE || !reported.is_empty(),
            Self::Unchanged { .. } => false,
            Self::Refused { .. } => true,
        }
    }
}

impl ImportSummary {
    pub(super) fn new(dry_run: bool) -> Self {
        Self {
            dry_run,
            total: 0,
            imported: 0,
            unchanged: 0,
            refused: 0,
            unmatched_role_mappings: Vec::new(),
            unread_lists: Vec::new(),
            as_is: RecordRanges::default(),
            same: RecordRanges::default(),
        }
    }

    pub(super) fn add(&mut self, record: &RecordReport) {
        self.total += 1;
        let quiet = !record.outcome.is_telling();
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
    /// The counts, then the records with nothing more to say, together. The other records are lines of their own: see
    /// [`RecordReport`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { total, imported, unchanged, refused, .. } = self;
        let records = if *total == 1 { "record" } else { "records" };
        let dry = if self.dry_run { " (dry run: nothing was written)" } else { "" };
        writeln!(f, "{total} {records}: {imported} imported, {unchanged} unchanged, {refused} refused{dry}")?;
        for name in &self.unmatched_role_mappings {
            writeln!(
                f,
                "  --map-role {}: no record has a role, a group or a field of this name",
                Escaped(name)
            )?;
        }
        if !self.unread_lists.is_empty() {
            let lists: Vec<_> = self.unread_lists.iter().map(ToString::to_string).collect();
            writeln!(f, "  not read, beside the list of users: {}", lists.join(", "))?;
        }
        for (what, ranges) in [("imported as is", &self.as_is), ("unchanged", &self.same)] {
            if !ranges.is_empty() {
                writeln!(f, "  {what}: {ranges}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for RecordReport {
    /// A line of the report, with its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_location(f)?;
        match &self.outcome {
            RecordOutcome::Imported { username, status, reported, .. } => {
                let standing = if *status == ACTIVE { String::new() } else { format!(", {status}") };
                let notes: Vec<_> = reported.iter().map(ToString::to_string).collect();
                let remarks =
                    if notes.is_empty() { String::new() } else { format!(": {}", notes.join("; ")) };
                writeln!(f, "imported as {}{standing}{remarks}", Escaped(username))
            }
            RecordOutcome::Unchanged { username, .. } => writeln!(f, "unchanged: {}", Escaped(username)),
            RecordOutcome::Refused { reason } => writeln!(f, "refused: {reason}"),
        }
    }
}

impl RecordReport {
    fn fmt_location(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            RecordLocation::Line { line } => write!(f, "  line {line}: "),
            location => write!(f, "  {location} (line {}): ", location.line()),
        }
    }
}
