//! A run of a job.

use super::errors::{is_transient, with_causes};
use super::heartbeat::Heartbeat;
use super::ledger::JobLedger;
use super::records::KnownJob;
use super::state::{JobStatus, Runner};
use super::stop::{RunStop, authority_of};
use super::upload;
use crate::import_users::{ImportFailure, ImportLedger};
use crate::{Call, Error, Roster};
use futures_util::future::{Either, select};
use roster_domain::{JobId, Principal, User};
use roster_storage::{JobWrite, ReportChange};
use std::pin::pin;
use std::sync::Arc;
use tokio::sync::watch;

/// How often in a row a job may be taken over without getting further. More often means that it ends the servers that run it.
const MAX_TAKEOVERS: u32 = 5;

const NOT_ALLOWED: &str = "the user who started it is not active any more, or no longer holds users:import; what was \
    imported before stays. Start the import again as another user: it leaves existing users unchanged";

/// How a run of a job ended.
pub(super) enum RunEnd {
    /// The job has ended, or another server has it.
    Over,
    /// The job goes on with a new run, from where this one stopped.
    Again,
}

impl Roster {
    /// Runs the job, with a heartbeat, until it ends or has to begin again.
    pub(super) async fn run_once(&self, id: JobId) -> Result<RunEnd, Error> {
        let mut known = self.known_job(id).await?;
        if known.job.state.status.is_final() || self.take_over(&mut known).await? == JobWrite::Outdated {
            return Ok(RunEnd::Over);
        }
        let starter = authority_of(self, known.job.state.starter).await?;
        let epoch = starter.as_ref().map(|user| user.auth_epoch);
        let (stops, stopped) = watch::channel(None);
        let heartbeat = Heartbeat { roster: self, id, starter: known.job.state.starter, epoch, stops };
        let mut ledger = JobLedger::new(self, known, epoch, stopped);
        match select(pin!(self.run_as(starter, &mut ledger)), pin!(heartbeat.run())).await {
            Either::Left((ended, _)) => ended,
            Either::Right((never, _)) => match never {},
        }
    }

    async fn run_as(&self, starter: Option<Arc<User>>, ledger: &mut JobLedger<'_>) -> Result<RunEnd, Error> {
        let takeovers = ledger.known.job.state.takeovers.count;
        let run = async {
            ledger.recover().await?;
            if ledger.known.job.state.is_cancelled {
                ledger.finish(JobStatus::Cancelled, None).await?;
                return Ok(RunEnd::Over);
            }
            let refusal = match &starter {
                None => NOT_ALLOWED.to_owned(),
                Some(_) if takeovers > MAX_TAKEOVERS => killed_servers(takeovers),
                Some(starter) => return self.import(ledger, Principal::user(starter)).await,
            };
            ledger.finish(JobStatus::Failed, Some(refusal)).await?;
            Ok(RunEnd::Over)
        };
        match run.await {
            Err(_) if ledger.stop == Some(RunStop::Lost) => Ok(RunEnd::Over),
            ended => ended,
        }
    }

    /// Marks the job as running here.
    async fn take_over(&self, known: &mut KnownJob) -> Result<JobWrite, Error> {
        let state = &mut known.job.state;
        let now = self.parts().clock.now();
        if state.runner.is_some_and(|runner| runner.process != self.process_number()) {
            state.takeovers = state.takeovers.next(state.counts.done);
        }
        state.status = JobStatus::Running;
        state.reason = None;
        state.started_at = state.started_at.or(Some(now));
        state.runner = Some(Runner { process: self.process_number(), seen_at: now });
        let written = self.job_store()?.write(&known.stored()?, ReportChange::Keep).await?;
        known.version += 1;
        Ok(written)
    }

    async fn import(&self, ledger: &mut JobLedger<'_>, principal: Principal) -> Result<RunEnd, Error> {
        let state = &ledger.known.job.state;
        let call = Call { principal, origin: state.origin.clone(), device: None, session: None };
        let (options, manifest_bytes, mode) = (state.options.clone(), state.manifest_bytes, state.mode);
        let uploaded = self.job_store()?.upload(ledger.known.job.id);
        let uploaded = match select(uploaded, ledger.stopped()).await {
            Either::Left((file, _)) => Ok(file?),
            Either::Right((stopped, _)) => Err(ImportFailure::Stopped(stopped)),
        };
        let file = match uploaded {
            Ok(Some(file)) => file,
            Ok(None) => return fail(ledger, "the uploaded file is gone").await,
            Err(failure) => return self.end_early(ledger, failure).await,
        };
        let Some((files, options)) = upload::opened(file, manifest_bytes, options).await? else {
            return fail(ledger, "the uploaded file is damaged").await;
        };
        match self.run_import(&call, files, &options, mode, ledger).await {
            Ok(report) => ledger.complete(report).await?,
            Err(failure) => return self.end_early(ledger, failure).await,
        }
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
}

async fn fail(ledger: &mut JobLedger<'_>, reason: &str) -> Result<RunEnd, Error> {
    ledger.finish(JobStatus::Failed, Some(reason.to_owned())).await?;
    Ok(RunEnd::Over)
}

fn killed_servers(takeovers: u32) -> String {
    format!(
        "{takeovers} times in a row, the server that ran it ended or was not heard of any more before it came further, for \
         example because it had too little memory for the file; divide the file, or import it with the command line"
    )
}
