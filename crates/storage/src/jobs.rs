//! Long jobs that survive the end of the process, with what was uploaded for them and their reports.

use crate::StoreError;
use async_trait::async_trait;
use roster_domain::JobId;
use std::fs::File;

/// A job as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredJob {
    /// Never changes.
    pub id: JobId,
    /// Changes with every write.
    pub version: u64,
    /// The state, in a form that only the caller knows.
    pub state: String,
}

/// What a write does to the report of its job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReportChange {
    /// Nothing.
    Keep,
    /// These lines are planned, instead of those that were. They are not part of the report.
    Plan(Vec<u8>),
    /// These lines are appended. The planned ones stay.
    Append(Vec<u8>),
}

/// The outcome of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobWrite {
    /// It was made.
    Made,
    /// The job has another version, or is gone. Nothing was changed.
    Outdated,
}

/// Decides about a new job, from all jobs that are there.
pub type Admission = fn(&[StoredJob]) -> bool;

/// The outcome of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submission {
    /// The job was added.
    Added,
    /// The admission refused it. Nothing was stored.
    Refused,
}

/// The jobs of a store. Every write is all or nothing, and durable when it returns.
#[async_trait]
pub trait JobStore: Send + Sync + 'static {
    /// Begins an upload. It leaves nothing if it is dropped.
    ///
    /// # Errors
    /// [`StoreError`], if it cannot be stored. The same applies to the other functions.
    async fn begin_upload(&self) -> Result<Box<dyn JobUpload>, StoreError>;

    /// All jobs, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn jobs(&self) -> Result<Vec<StoredJob>, StoreError>;

    /// The job with this id.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn job(&self, id: JobId) -> Result<Option<StoredJob>, StoreError>;

    /// Replaces the state of the job if it has the version of `job`. The version is then one higher.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn write(&self, job: &StoredJob, report: ReportChange) -> Result<JobWrite, StoreError>;

    /// What was uploaded, to be read from its start; `None` after it was erased.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn upload(&self, id: JobId) -> Result<Option<File>, StoreError>;

    /// Erases what was uploaded, if it is still there.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn erase_upload(&self, id: JobId) -> Result<(), StoreError>;

    /// The planned lines.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn planned(&self, id: JobId) -> Result<Vec<u8>, StoreError>;

    /// A part of the report, and where the next one begins; `None` at the end. The first one begins at 0.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn report(&self, id: JobId, from: u64) -> Result<Option<(Vec<u8>, u64)>, StoreError>;

    /// Removes the job and everything that belongs to it.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn remove(&self, id: JobId) -> Result<(), StoreError>;

    /// Whether the server that runs jobs is the only one, so that no other one can be running a job that it finds begun.
    fn is_exclusive(&self) -> bool;
}

/// An upload that is being received.
#[async_trait]
pub trait JobUpload: Send {
    /// Appends to it. Blocks.
    ///
    /// # Errors
    /// [`StoreError`], also if too little disk space would be left.
    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError>;

    /// Adds a job with this state and the complete upload, if `admission` accepts it. No other job is added between its
    /// decision and this one.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn submit(
        self: Box<Self>,
        id: JobId,
        state: String,
        admission: Admission,
    ) -> Result<Submission, StoreError>;
}
