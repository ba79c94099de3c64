//! Jobs in the store.

use super::state::{Job, JobState};
use crate::{Error, Roster};
use roster_domain::JobId;
use roster_storage::{JobStore, StoreError, StoredJob};
use std::sync::Arc;
use thiserror::Error as ThisError;

/// This process keeps no jobs: it is a command.
#[derive(Debug, ThisError)]
#[error("jobs are kept by servers only")]
struct NoJobs;

/// A job with the version that it has in the store.
pub(super) struct KnownJob {
    pub(super) job: Job,
    pub(super) version: u64,
}

impl KnownJob {
    /// The stored form, for a write.
    pub(super) fn stored(&self) -> Result<StoredJob, StoreError> {
        let state = text_of(&self.job.state)?;
        Ok(StoredJob { id: self.job.id, version: self.version, state })
    }
}

/// The stored form of a state.
pub(super) fn text_of(state: &JobState) -> Result<String, StoreError> {
    serde_json::to_string(state).map_err(|error| StoreError::Damaged(Box::new(error)))
}

impl TryFrom<StoredJob> for KnownJob {
    type Error = StoreError;

    fn try_from(stored: StoredJob) -> Result<Self, StoreError> {
        let StoredJob { id, version, state } = stored;
        let state = serde_json::from_str(&state).map_err(|error| StoreError::Damaged(Box::new(error)))?;
        Ok(Self { job: Job { id, state }, version })
    }
}

impl Roster {
    pub(super) fn job_store(&self) -> Result<&Arc<dyn JobStore>, StoreError> {
        self.parts().jobs.as_ref().ok_or_else(|| StoreError::Unavailable(Box::new(NoJobs)))
    }

    /// All jobs, oldest first. One that cannot be read is left out, since the others must go on.
    pub(super) async fn known_jobs(&self) -> Result<Vec<KnownJob>, StoreError> {
        let stored = self.job_store()?.jobs().await?;
        let known = stored.into_iter().filter_map(|stored| {
            let id = stored.id;
            let known = KnownJob::try_from(stored);
            known.inspect_err(|error| self.log_damaged(id, error)).ok()
        });
        Ok(known.collect())
    }

    /// Once, since the jobs are read every second.
    fn log_damaged(&self, id: JobId, error: &StoreError) {
        if self.damaged_jobs().lock().insert(id) {
            tracing::error!(job = %id, %error, "a job cannot be read; it never runs");
        }
    }

    pub(super) async fn known_job(&self, id: JobId) -> Result<KnownJob, Error> {
        let stored = self.job_store()?.job(id).await?.ok_or(Error::JobNotFound)?;
        Ok(stored.try_into()?)
    }
}
