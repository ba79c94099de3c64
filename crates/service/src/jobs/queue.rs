//! The queue of jobs: which one runs next, and what becomes of one that fails.

use super::errors::{is_transient, with_causes};
use super::records::KnownJob;
use super::retries::{AfterFailure, Retries};
use super::run::RunEnd;
use super::state::JobStatus;
use crate::{Error, Roster};
use jiff::{SignedDuration, Timestamp};
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

impl Roster {
    /// Runs the jobs of the store, one at a time, and removes old ones. Of several servers with one store, one does. Runs
    /// until dropped; a job then goes on where the next server finds it.
    pub async fn run_jobs(&self) {
        let (mut next_sweep, mut retries) = (Timestamp::MIN, Retries::default());
        loop {
            let _ = tokio::time::timeout(INTERVAL, self.jobs_waiting().notified()).await;
            if self.parts().jobs.is_none() || !self.is_sweeper() {
                continue;
            }
            let now = self.parts().clock.now();
            if let Err(error) = self.run_next_job(&mut retries).await {
                tracing::warn!(error = with_causes(&error), "jobs cannot be read; trying again");
            }
            if now >= next_sweep {
                next_sweep = now.saturating_add(SWEEP).unwrap_or(Timestamp::MAX);
                if let Err(error) = self.remove_old_jobs(now).await {
                    tracing::warn!(%error, "could not remove old jobs; trying again later");
                }
            }
        }
    }

    /// Runs the first job that has not ended and is due, if there is one.
    async fn run_next_job(&self, retries: &mut Retries) -> Result<(), Error> {
        let (jobs, now) = (self.known_jobs().await?, self.parts().clock.now());
        let open = jobs.into_iter().filter(|known| !known.job.state.status.is_final());
        let mut due = open.filter(|known| retries.is_due(known.job.id, &known.job.state, now));
        let Some(next) = due.find(|known| self.is_free(known)) else { return Ok(()) };
        let id = next.job.id;
        let ended = loop {
            match self.run_once(id).await {
                Ok(RunEnd::Again) => {}
                Ok(RunEnd::Over) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        match ended {
            Ok(()) => retries.forget(id),
            Err(error) => self.postpone(next, &error, retries).await,
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

    /// Leaves a job that could not go on for later, or ends it. `found` is how it was before it ran; it may be unreadable now.
    async fn postpone(&self, found: KnownJob, error: &Error, retries: &mut Retries) {
        let (id, now) = (found.job.id, self.parts().clock.now());
        let known = self.known_job(id).await.unwrap_or(found);
        let after = match retries.note(id, &known.job.state, now) {
            AfterFailure::TryAgain(delay) if is_transient(error) => AfterFailure::TryAgain(delay),
            _ => AfterFailure::GiveUp,
        };
        let error = with_causes(error);
        tracing::warn!(job = %id, error, ?after, "a job cannot go on");
        if let Err(error) = self.note_failed_run(known, error, after).await {
            tracing::warn!(job = %id, error = with_causes(&error), "could not write why a job cannot go on");
        }
    }

    async fn note_failed_run(
        &self,
        mut known: KnownJob,
        error: String,
        after: AfterFailure,
    ) -> Result<(), Error> {
        let (id, state) = (known.job.id, &mut known.job.state);
        let is_elsewhere = state.runner.is_some_and(|runner| runner.process != self.process_number());
        if state.status.is_final() || is_elsewhere {
            return Ok(());
        }
        // Another server may try it at once.
        state.runner = None;
        match after {
            AfterFailure::TryAgain(_) => state.reason = Some(format!("it is tried again later: {error}")),
            AfterFailure::GiveUp => {
                (state.status, state.reason) = (JobStatus::Failed, Some(error));
                state.finished_at = Some(self.parts().clock.now());
            }
        }
        // After another write meanwhile, such as a cancellation, the next run decides.
        let written = self.job_store()?.write(&known.stored()?, ReportChange::Keep).await?;
        if after == AfterFailure::GiveUp && written == JobWrite::Made {
            self.job_store()?.erase_upload(id).await?;
        }
        Ok(())
    }

    /// One that cannot be removed does not keep the others.
    async fn remove_old_jobs(&self, now: Timestamp) -> Result<(), Error> {
        for known in self.known_jobs().await? {
            let (id, Some(finished_at)) = (known.job.id, known.job.state.finished_at) else { continue };
            let is_old = now.duration_since(finished_at) > KEPT_FOR;
            let store = self.job_store()?;
            // A job can have an upload still if the process ended between two writes.
            let done = if is_old { store.remove(id).await } else { store.erase_upload(id).await };
            if let Err(error) = done {
                tracing::warn!(job = %id, %error, "could not remove an old job or its upload; trying again later");
            }
        }
        Ok(())
    }
}
