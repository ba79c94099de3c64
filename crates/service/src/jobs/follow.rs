//! What the starter of a job sees of it and can do with it.

use super::records::KnownJob;
use super::state::{Job, JobStatus};
use crate::{Call, Error, Roster};
use roster_domain::{Action, AuditRecord, JobId, Outcome, Target, policy};
use roster_storage::{JobStore, JobWrite, ReportChange, StoreError, UnitOfWork};
use std::sync::Arc;

/// The report of a job, as far as it is written.
pub struct JobReport {
    store: Arc<dyn JobStore>,
    id: JobId,
    from: u64,
}

impl JobReport {
    /// The next lines; `None` at the end.
    ///
    /// # Errors
    /// [`StoreError`], if the store cannot be read.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, StoreError> {
        let part = self.store.report(self.id, self.from).await?;
        Ok(part.map(|(lines, next)| {
            self.from = next;
            lines
        }))
    }
}

impl Roster {
    /// A job of the caller.
    ///
    /// # Errors
    /// [`Error::Denied`] for a service account; [`Error::JobNotFound`], also for the job of another; [`Error::Store`].
    pub async fn job(&self, call: &Call, id: JobId) -> Result<Job, Error> {
        Ok(self.own_job(call, id).await?.job)
    }

    /// The report of a job of the caller: a line for each record, in the order of the file, and one for a [`FileReport`]
    /// that is not empty.
    ///
    /// [`FileReport`]: crate::FileReport
    ///
    /// # Errors
    /// As [`job`](Self::job).
    pub async fn job_report(&self, call: &Call, id: JobId) -> Result<JobReport, Error> {
        self.own_job(call, id).await?;
        Ok(JobReport { store: Arc::clone(self.job_store()?), id, from: 0 })
    }

    /// Cancels a job of the caller. If it runs, it stops before the next records; what it has imported stays.
    ///
    /// # Errors
    /// As [`job`](Self::job); [`Error::JobFinished`].
    pub async fn cancel_job(&self, call: &Call, id: JobId) -> Result<(), Error> {
        if self.own_job(call, id).await?.job.state.status.is_final() {
            return Err(Error::JobFinished);
        }
        let record = self.record_outcome(call, Action::ImportCancelled, None::<Target>, Outcome::Success);
        let record = AuditRecord { job: Some(id), ..record };
        self.store().commit(UnitOfWork::audited(record).require_all(call.authority())).await?;
        let cancelled = self.retry(|| async {
            let mut known = self.own_job(call, id).await?;
            self.mark_cancelled(&mut known)?;
            let written = self.job_store()?.write(&known.stored()?, ReportChange::Keep).await?;
            Ok((written == JobWrite::Made).then_some(known.job.state.status))
        });
        if cancelled.await?.is_final() {
            self.job_store()?.erase_upload(id).await?;
        }
        self.job_cancelled().notify_one();
        self.jobs_waiting().notify_one();
        Ok(())
    }

    fn mark_cancelled(&self, known: &mut KnownJob) -> Result<(), Error> {
        let state = &mut known.job.state;
        match state.status {
            JobStatus::Queued => {
                state.status = JobStatus::Cancelled;
                state.finished_at = Some(self.parts().clock.now());
            }
            JobStatus::Running => state.is_cancelled = true,
            JobStatus::Done | JobStatus::Failed | JobStatus::Cancelled => return Err(Error::JobFinished),
        }
        Ok(())
    }

    async fn own_job(&self, call: &Call, id: JobId) -> Result<KnownJob, Error> {
        let caller = policy::person(&call.principal)?;
        let known = self.known_job(id).await?;
        if known.job.state.starter == caller { Ok(known) } else { Err(Error::JobNotFound) }
    }
}
