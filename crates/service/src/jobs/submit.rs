//! Starts an import as a job.

use super::records::text_of;
use super::state::{Job, JobCounts, JobKind, JobState, JobStatus};
use super::upload::ImportUpload;
use crate::{Call, Error, ImportMode, Roster};
use roster_domain::{Action, JobId, Outcome, Permission, Target, UserId, policy};
use roster_import::ImportOptions;
use roster_storage::UnitOfWork;

/// The maximum number of jobs that have not ended, of everybody.
const MAX_OPEN: usize = 16;

impl Roster {
    /// Begins to receive files to import. The caller needs `users:import`, and is a user with a recent login.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::ImportForUsersOnly`]; [`Error::LoginTooOld`]; [`Error::TooManyJobs`]; the errors of the
    /// store.
    pub async fn begin_import(&self, call: &Call) -> Result<ImportUpload, Error> {
        if let Err(error) = self.may_import_remotely(call) {
            if matches!(error, Error::Denied(_) | Error::ImportForUsersOnly) {
                self.note_failure(call, Action::ImportStarted, None::<Target>, Outcome::Denied);
            }
            return Err(error);
        }
        self.check_open_jobs().await?;
        Ok(ImportUpload::new(self.job_store()?.begin_upload().await?))
    }

    /// Queues the import of the files that were received. The state of the job gets neither a secret of the old system nor what
    /// belongs to one: they stay with the files.
    ///
    /// # Errors
    /// As [`begin_import`](Self::begin_import).
    pub async fn submit_import(
        &self,
        call: &Call,
        upload: ImportUpload,
        mut options: ImportOptions,
        mode: ImportMode,
    ) -> Result<Job, Error> {
        let starter = self.may_import_remotely(call)?;
        self.check_open_jobs().await?;
        let record = self.record_outcome(call, Action::ImportStarted, None::<Target>, Outcome::Success);
        self.store().commit(UnitOfWork::audited(record).require_all(call.authority())).await?;
        let (upload, manifest_bytes) = upload.complete(&mut options).await?;
        let now = self.parts().clock.now();
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
            reason: None,
            created_at: now,
            started_at: None,
            finished_at: None,
            runner: None,
        };
        let id = JobId::new(now, self.id_bytes());
        upload.submit(id, text_of(&state)?).await?;
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

    async fn check_open_jobs(&self) -> Result<(), Error> {
        let jobs = self.known_jobs().await?;
        let open = jobs.iter().filter(|known| !known.job.state.status.is_final()).count();
        if open < MAX_OPEN { Ok(()) } else { Err(Error::TooManyJobs) }
    }
}
