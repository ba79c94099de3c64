//! Runs jobs, one after the other.

use super::ledger::{JobLedger, RunStop, authority_of};
use super::records::KnownJob;
use super::state::{JobStatus, Runner};
use super::upload;
use crate::import_users::ImportFailure;
use crate::{Call, Error, Roster};
use jiff::{SignedDuration, Timestamp};
use roster_domain::Principal;
use roster_storage::{JobWrite, ReportChange};
use std::time::Duration;

/// How often a server looks for jobs that another one has queued.
const INTERVAL: Duration = Duration::from_secs(1);

/// How often old jobs are removed.
const SWEEP: SignedDuration = SignedDuration::from_mins(1);

/// How long an ended job and its report are kept.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// When a job that another server runs is taken over, if that server may still be running it.
const ABANDONED_AFTER: SignedDuration = SignedDuration::from_mins(1);

const NOT_ALLOWED: &str = "the user who started it is not active any more, or no longer holds users:import; what was \
    imported before stays. Start the import again as another user: it leaves existing users unchanged";

/// How a run of a job ended.
enum RunEnd {
    /// The job has ended, or another server has it.
    Over,
    /// The job goes on with a new run, from where this one stopped.
    Again,
}

impl Roster {
    /// Runs the jobs of the store, one at a time, and removes old ones. Of several servers with one store, one does. Runs
    /// until dropped; a job then goes on where the next server finds it.
    pub async fn run_jobs(&self) {
        let mut next_sweep = Timestamp::MIN;
        loop {
            let _ = tokio::time::timeout(INTERVAL, self.jobs_waiting().notified()).await;
            if self.parts().jobs.is_none() || !self.is_sweeper() {
                continue;
            }
            let now = self.parts().clock.now();
            if let Err(error) = self.run_next_job().await {
                tracing::warn!(error = with_causes(&error), "jobs cannot go on; trying again");
            }
            if now >= next_sweep {
                next_sweep = now.saturating_add(SWEEP).unwrap_or(Timestamp::MAX);
                if let Err(error) = self.remove_old_jobs(now).await {
                    tracing::warn!(%error, "could not remove old jobs; trying again later");
                }
            }
        }
    }

    /// Runs the first job that has not ended, if there is one.
    async fn run_next_job(&self) -> Result<(), Error> {
        let jobs = self.known_jobs().await?;
        let open = |known: &&KnownJob| !known.job.state.status.is_final();
        let Some(next) = jobs.iter().filter(open).find(|known| self.is_free(known)) else { return Ok(()) };
        let id = next.job.id;
        loop {
            match self.run_once(self.known_job(id).await?).await {
                Ok(RunEnd::Again) => {}
                Ok(RunEnd::Over) => break,
                Err(error) => {
                    tracing::warn!(job = %id, error = with_causes(&error), "a job cannot go on; trying again");
                    return Ok(());
                }
            }
        }
        // The next one need not wait.
        self.jobs_waiting().notify_one();
        Ok(())
    }

    /// Whether no other server can be running the job.
    fn is_free(&self, known: &KnownJob) -> bool {
        let Some(runner) = known.job.state.runner else { return true };
        let is_exclusive = self.parts().jobs.as_ref().is_some_and(|jobs| jobs.is_exclusive());
        let age = self.parts().clock.now().duration_since(runner.seen_at);
        is_exclusive || runner.process == self.process_number() || age > ABANDONED_AFTER
    }

    async fn run_once(&self, mut known: KnownJob) -> Result<RunEnd, Error> {
        if known.job.state.status.is_final() {
            return Ok(RunEnd::Over);
        }
        self.take_over(&mut known).await?;
        let starter = authority_of(self, known.job.state.starter).await?;
        let epoch = starter.as_ref().map(|user| user.auth_epoch);
        let mut ledger = JobLedger::new(self, known, epoch);
        let run = async {
            ledger.recover().await?;
            let Some(starter) = starter else {
                ledger.finish(JobStatus::Failed, Some(NOT_ALLOWED.to_owned())).await?;
                return Ok(RunEnd::Over);
            };
            self.import(&mut ledger, Principal::user(&starter)).await
        };
        match run.await {
            Err(_) if ledger.stop == Some(RunStop::Lost) => Ok(RunEnd::Over),
            ended => ended,
        }
    }

    /// Marks the job as running here.
    async fn take_over(&self, known: &mut KnownJob) -> Result<(), Error> {
        let state = &mut known.job.state;
        let now = self.parts().clock.now();
        state.status = JobStatus::Running;
        state.started_at = state.started_at.or(Some(now));
        state.runner = Some(Runner { process: self.process_number(), seen_at: now });
        let written = self.job_store()?.write(&known.stored()?, ReportChange::Keep).await?;
        if written == JobWrite::Outdated {
            return Err(Error::Contended);
        }
        known.version += 1;
        Ok(())
    }

    async fn import(&self, ledger: &mut JobLedger<'_>, principal: Principal) -> Result<RunEnd, Error> {
        let state = &ledger.known.job.state;
        let call = Call { principal, origin: state.origin.clone(), device: None, session: None };
        let (options, manifest_bytes, mode) = (state.options.clone(), state.manifest_bytes, state.mode);
        let Some(file) = self.job_store()?.upload(ledger.known.job.id).await? else {
            ledger.finish(JobStatus::Failed, Some("the uploaded file is gone".to_owned())).await?;
            return Ok(RunEnd::Over);
        };
        let Some((files, options)) = upload::opened(file, manifest_bytes, options).await? else {
            ledger.finish(JobStatus::Failed, Some("the uploaded file is damaged".to_owned())).await?;
            return Ok(RunEnd::Over);
        };
        if let Err(failure) = self.run_import(&call, files, &options, mode, ledger).await {
            return self.end_early(ledger, failure).await;
        }
        ledger.finish(JobStatus::Done, None).await?;
        Ok(RunEnd::Over)
    }

    async fn end_early(&self, ledger: &mut JobLedger<'_>, failure: ImportFailure) -> Result<RunEnd, Error> {
        let error = match (ledger.stop, failure) {
            (Some(RunStop::Cancelled), _) => {
                ledger.recover().await?;
                ledger.finish(JobStatus::Cancelled, None).await?;
                return Ok(RunEnd::Over);
            }
            (Some(RunStop::Lost), _) => return Ok(RunEnd::Over),
            // The ledger or the guard of a unit has noticed it.
            (Some(RunStop::AuthorityChanged), _) | (None, ImportFailure::Stopped(Error::InvalidToken)) => {
                return Ok(RunEnd::Again);
            }
            // The store may be back soon. A file that could not be read to the end is read again.
            (None, ImportFailure::Stopped(error)) if is_transient(&error) => return Err(error),
            (None, ImportFailure::Stopped(error)) => error.to_string(),
            (None, ImportFailure::Early(error)) => with_causes(&error),
        };
        ledger.recover().await?;
        ledger.finish(JobStatus::Failed, Some(error)).await?;
        Ok(RunEnd::Over)
    }

    async fn remove_old_jobs(&self, now: Timestamp) -> Result<(), Error> {
        let store = self.job_store()?;
        for known in self.known_jobs().await? {
            let Some(finished_at) = known.job.state.finished_at else { continue };
            // If the process ended between the two writes.
            store.erase_upload(known.job.id).await?;
            if now.duration_since(finished_at) > KEPT_FOR {
                store.remove(known.job.id).await?;
            }
        }
        Ok(())
    }
}

fn is_transient(error: &Error) -> bool {
    match error {
        Error::Store(error) => error.is_transient(),
        Error::Unavailable(_) | Error::OutcomeUnknown(_) | Error::Busy { .. } | Error::Contended => true,
        _ => false,
    }
}

/// The text of an error and of its causes.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
