//! The outcome of one record.

use crate::report::location::{Escaped, RecordLocation};
use crate::report::note::Note;
use crate::report::refusal::Refusal;
use roster_domain::StatusKind;
use serde::Serialize;
use std::fmt;

/// The status that the report does not mention.
const ACTIVE: &str = StatusKind::Active.as_str();

/// The report about one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordReport {
    /// Where the record is.
    #[serde(flatten)]
    pub location: RecordLocation,
    /// What happened to it.
    #[serde(flatten)]
    pub outcome: RecordOutcome,
}

/// What happened to a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum RecordOutcome {
    /// The person was imported, or would be without the dry run.
    Imported {
        /// Their username in Roster.
        username: String,
        /// The id by which a second import recognises them.
        external_id: String,
        /// Their status in Roster.
        status: &'static str,
        /// What was changed about them.
        reported: Vec<Note>,
    },
    /// The person is a user already.
    Unchanged {
        /// Their username.
        username: String,
        /// The id by which they were recognised.
        external_id: String,
    },
    /// The record was refused.
    Refused {
        /// Why.
        reason: Refusal,
    },
}

impl RecordOutcome {
    /// Whether the record deserves a line of its own in the report: it was refused, or the person was not imported
    /// exactly as the file has them, or is not active.
    #[must_use]
    pub fn needs_attention(&self) -> bool {
        match self {
            Self::Imported { status, reported, .. } => *status != ACTIVE || !reported.is_empty(),
            Self::Unchanged { .. } => false,
            Self::Refused { .. } => true,
        }
    }
}

impl fmt::Display for RecordReport {
    /// Writes a line of the report, with the line break.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_location(f)?;
        match &self.outcome {
            RecordOutcome::Imported { username, status, reported, .. } => {
                let status_text = if *status == ACTIVE { String::new() } else { format!(", {status}") };
                let notes: Vec<_> = reported.iter().map(ToString::to_string).collect();
                let remarks =
                    if notes.is_empty() { String::new() } else { format!(": {}", notes.join("; ")) };
                writeln!(f, "imported as {}{status_text}{remarks}", Escaped(username))
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
            RecordLocation::InFile { .. } | RecordLocation::Row { .. } => {
                write!(f, "  {}: ", self.location)
            }
            location => write!(f, "  {location} (line {}): ", location.line()),
        }
    }
}
