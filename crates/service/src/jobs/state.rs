//! The state of a job.

use crate::{FileReport, ImportMode};
use jiff::Timestamp;
use roster_domain::{JobId, Origin, UserId};
use roster_import::{ImportOptions, RecordOutcome, RecordReport};
use serde::{Deserialize, Serialize};

/// A job: work that goes on after its request, and after a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Never changes.
    pub id: JobId,
    /// Everything else.
    pub state: JobState,
}

/// The state of a job, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobState {
    /// What it does.
    pub kind: JobKind,
    /// How far it is.
    pub status: JobStatus,
    /// Who started it. Only they see it, and it goes on only as long as they may do what it does.
    pub starter: UserId,
    /// Where its request came from.
    pub origin: Origin,
    /// Whether it writes.
    pub mode: ImportMode,
    /// How the files are read, without what is only in the upload.
    pub options: ImportOptions,
    /// The length of the manifest at the end of the upload; 0 if it has none, as in earlier versions.
    #[serde(default)]
    pub manifest_bytes: u64,
    /// What has become of the records so far.
    pub counts: JobCounts,
    /// Whether the starter has cancelled it.
    pub is_cancelled: bool,
    /// What it reports besides the records.
    #[serde(default)]
    pub file: FileReport,
    /// Why it failed, or, while it has not ended, why it is tried again later.
    pub reason: Option<String>,
    /// When it was requested.
    pub created_at: Timestamp,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The server that runs it, by a random number, and when that was last heard of.
    pub runner: Option<Runner>,
    /// How often it was taken over without getting further.
    #[serde(default)]
    pub takeovers: Takeovers,
}

/// How often a job was taken over from a server that had ended or was not heard of any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Takeovers {
    /// How often in a row, with the same number of records dealt with.
    pub count: u32,
    /// That number.
    pub done: usize,
}

/// The server that runs a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runner {
    /// A random number of the process.
    pub process: u64,
    /// When it last wrote the state.
    pub seen_at: Timestamp,
}

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobKind {
    /// It imports users.
    Import,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// It waits for others.
    Queued,
    /// It runs.
    Running,
    /// It came to its end.
    Done,
    /// It stopped, for a reason.
    Failed,
    /// It was cancelled.
    Cancelled,
}

/// What has become of the records so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobCounts {
    /// All records, once they were counted.
    pub total: Option<usize>,
    /// The records that are dealt with: the sum of the others.
    pub done: usize,
    /// The people who were imported.
    pub imported: usize,
    /// The people who were here already.
    pub unchanged: usize,
    /// The records that were refused.
    pub refused: usize,
}

impl JobKind {
    /// Every kind.
    pub const ALL: [Self; 1] = [Self::Import];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
        }
    }
}

impl JobStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Done, Self::Failed, Self::Cancelled];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more happens.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Running => false,
            Self::Done | Self::Failed | Self::Cancelled => true,
        }
    }
}

impl Takeovers {
    /// After one more.
    pub(super) const fn next(self, done: usize) -> Self {
        Self { count: if done == self.done { self.count + 1 } else { 1 }, done }
    }
}

impl JobCounts {
    /// Counts a record.
    pub(super) const fn add(&mut self, report: &RecordReport) {
        self.done += 1;
        match report.outcome {
            RecordOutcome::Imported { .. } => self.imported += 1,
            RecordOutcome::Unchanged { .. } => self.unchanged += 1,
            RecordOutcome::Refused { .. } => self.refused += 1,
        }
    }
}
