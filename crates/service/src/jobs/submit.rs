//! Starts an import as a job.

use super::records::{KnownJob, text_of};
use super::state::{Job, JobCounts, JobKind, JobState, JobStatus, Takeovers};
use super::upload::ImportUpload;
use crate::{Call, Error, FileReport, ImportMode, Roster};
use roster_domain::{Action, AuditRecord, JobId, Outcome, Permission, Target, UserId, policy};
use roster_import::ImportOptions;
use roster_storage::{StoredJob, Submission, UnitOfWork};

/// The maximum number of jobs that have not ended, of everybody.
const MAX_OPEN: usize = 16;

impl Roster {
    /// Begins to receive files to import. The caller needs `users:import`, and is a user with a recent login.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::ImportForUsersOnly`]; [`Error::LoginTooOld`]; [`Error::TooManyJobs`]; the errors of the
    /// store.
    pub async fn begin_import(&self, call: &Call) -> Result<ImportUpload, Error> {
        let starter = self.may_import_remotely(call).inspect_err(|error| {
            if matches!(error, Error::Denied(_) | Error::ImportForUsersOnly) {
                self.note_failure(call, Action::ImportStarted, None::<Target>, Outcome::Denied);
            }
        })?;
        let store = self.job_store()?;
        if !has_room(&store.jobs().await?) {
            return Err(Error::TooManyJobs);
        }
        Ok(ImportUpload::new(store.begin_upload().await?, starter))
    }

    /// Queues the import of the files that were received. The login was recent enough when the upload began; that the caller
    /// has kept their access is checked again. The state of the job gets neither a secret of the old system nor what belongs to
    /// one: they stay with the files.
    ///
    /// # Errors
    /// [`Error::InvalidToken`]; [`Error::TooManyJobs`]; the errors of the store.
    pub async fn submit_import(
        &self,
        call: &Call,
        upload: ImportUpload,
        mut options: ImportOptions,
        mode: ImportMode,
    ) -> Result<Job, Error> {
        let starter = upload.starter();
        let (upload, manifest_bytes) = upload.complete(&mut options).await?;
        let now = self.parts().clock.now();
        let id = JobId::new(now, self.id_bytes());
        // So that the audit log has no import that is refused now. Of uploads that end at once, one may still be.
        if !has_room(&self.job_store()?.jobs().await?) {
            return Err(Error::TooManyJobs);
        }
        let record = self.record_outcome(call, Action::ImportStarted, None::<Target>, Outcome::Success);
        let record = AuditRecord { job: Some(id), ..record };
        self.store().commit(UnitOfWork::audited(record).require_all(call.authority())).await?;
        let state = JobState {
            kind: JobKind::Import,
            status: JobStatus::Queued,
            starter,
            origin: call.origin.clone(),
            mode,
            options,
            manifest_bytes,
            counts: JobCounts::default(),
            is_cancelled: false,
            file: FileReport::default(),
            reason: None,
            created_at: now,
            started_at: None,
            finished_at: None,
            runner: None,
            takeovers: Takeovers::default(),
        };
        if upload.submit(id, text_of(&state)?, has_room).await? == Submission::Refused {
            return Err(Error::TooManyJobs);
        }
        self.jobs_waiting().notify_one();
        Ok(Job { id, state })
    }

    fn may_import_remotely(&self, call: &Call) -> Result<UserId, Error> {
        policy::require(&call.principal, Permission::UsersImport)?;
        let (Some(id), Some(_)) = (call.principal.user_id(), &call.session) else {
            return Err(Error::ImportForUsersOnly);
        };
        self.require_recent_login(call)?;
        Ok(id)
    }
}

/// Whether another job may wait. Those that cannot be read never run.
fn has_room(jobs: &[StoredJob]) -> bool {
    let known = jobs.iter().filter_map(|stored| KnownJob::try_from(stored.clone()).ok());
    known.filter(|known| !known.job.state.status.is_final()).count() < MAX_OPEN
}
