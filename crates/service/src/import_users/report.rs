//! What became of every record of a file.

use super::note::Note;
use super::place::{Place, Shown};
use super::refusal::Refusal;
use super::roll::Roll;
use roster_domain::StatusKind;
use serde::Serialize;
use std::fmt;

/// The status that goes without saying.
const ACTIVE: &str = StatusKind::Active.as_str();

/// What became of every record of a file, in the file's order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Whether nothing was written.
    pub dry_run: bool,
    /// How many records there are.
    pub total: usize,
    /// How many people came in.
    pub imported: usize,
    /// How many were there already, recognised by their external id, and were left untouched.
    pub unchanged: usize,
    /// How many records were left out.
    pub refused: usize,
    /// Every record.
    pub records: Vec<RecordReport>,
}

/// What became of one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordReport {
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
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
    /// Whether something is to be said of it besides that it was counted: the record was left out, or somebody
    /// came in otherwise than the file says, or cannot log in.
    #[must_use]
    pub fn is_telling(&self) -> bool {
        match self {
            Self::Imported { status, reported, .. } => *status != ACTIVE || !reported.is_empty(),
            Self::Unchanged { .. } => false,
            Self::Refused { .. } => true,
        }
    }
}

impl ImportReport {
    pub(super) const fn new(dry_run: bool) -> Self {
        Self { dry_run, total: 0, imported: 0, unchanged: 0, refused: 0, records: Vec::new() }
    }

    pub(super) fn add(&mut self, record: RecordReport) {
        self.total += 1;
        match record.outcome {
            RecordOutcome::Imported { .. } => self.imported += 1,
            RecordOutcome::Unchanged { .. } => self.unchanged += 1,
            RecordOutcome::Refused { .. } => self.refused += 1,
        }
        self.records.push(record);
    }
}

impl fmt::Display for ImportReport {
    /// The counts, then every record: those of whom nothing more is to be said together, each other one on a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { total, imported, unchanged, refused, .. } = self;
        let records = if *total == 1 { "record" } else { "records" };
        let dry = if self.dry_run { " (dry run: nothing was written)" } else { "" };
        writeln!(f, "{total} {records}: {imported} imported, {unchanged} unchanged, {refused} refused{dry}")?;
        self.fmt_quiet(f, "imported as is", |outcome| matches!(outcome, RecordOutcome::Imported { .. }))?;
        self.fmt_quiet(f, "unchanged", |outcome| matches!(outcome, RecordOutcome::Unchanged { .. }))?;
        self.records
            .iter()
            .filter(|record| record.outcome.is_telling())
            .try_for_each(|record| record.fmt_line(f))
    }
}

impl ImportReport {
    /// Names those with one outcome of whom nothing more is to be said.
    fn fmt_quiet(
        &self,
        f: &mut fmt::Formatter<'_>,
        name: &str,
        is_meant: impl Fn(&RecordOutcome) -> bool,
    ) -> fmt::Result {
        let quiet = self.records.iter().filter(|one| !one.outcome.is_telling() && is_meant(&one.outcome));
        let roll: Roll<'_> = quiet.map(|one| &one.place).collect();
        if roll.is_empty() { Ok(()) } else { writeln!(f, "  {name}: {roll}") }
    }
}

impl RecordReport {
    fn fmt_line(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fmt_place(f)?;
        match &self.outcome {
            RecordOutcome::Imported { username, status, reported, .. } => {
                let standing = if *status == ACTIVE { String::new() } else { format!(", {status}") };
                let notes: Vec<_> = reported.iter().map(ToString::to_string).collect();
                let remarks =
                    if notes.is_empty() { String::new() } else { format!(": {}", notes.join("; ")) };
                writeln!(f, "imported as {}{standing}{remarks}", Shown(username))
            }
            RecordOutcome::Unchanged { username, .. } => writeln!(f, "unchanged: {}", Shown(username)),
            RecordOutcome::Refused { reason } => writeln!(f, "refused: {reason}"),
        }
    }

    fn fmt_place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Line { line } => write!(f, "  line {line}: "),
            place => write!(f, "  {place} (line {}): ", place.line()),
        }
    }
}
