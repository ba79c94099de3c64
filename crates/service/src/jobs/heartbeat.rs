//! Shows other servers that a job runs, also while it reads its file for minutes, and notices meanwhile that it should stop.

use super::state::Runner;
use super::stop::{RunStop, authority_of};
use crate::{Error, Roster};
use roster_domain::{AuthEpoch, JobId, UserId};
use roster_storage::ReportChange;
use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// How often it is written that a job runs. A few times in the time after which another server takes it over.
const INTERVAL: Duration = Duration::from_secs(15);

/// The heartbeat of a job that this process runs.
pub(super) struct Heartbeat<'r> {
    pub(super) roster: &'r Roster,
    pub(super) id: JobId,
    pub(super) starter: UserId,
    /// The epoch of the starter's authority, if they have any.
    pub(super) epoch: Option<AuthEpoch>,
    /// Where the run learns that it should stop.
    pub(super) stops: watch::Sender<Option<RunStop>>,
}

impl Heartbeat<'_> {
    /// Beats until dropped.
    pub(super) async fn run(self) -> Infallible {
        loop {
            let _ = timeout(INTERVAL, self.roster.job_cancelled().notified()).await;
            match self.beat().await {
                Ok(None) => {}
                Ok(Some(RunStop::Lost)) => {
                    self.stops.send_replace(Some(RunStop::Lost));
                    return pending().await;
                }
                Ok(stop) => drop(self.stops.send_replace(stop)),
                Err(error) => {
                    tracing::warn!(job = %self.id, %error, "a heartbeat was not written; trying again");
                }
            }
        }
    }

    /// Writes that the job runs here, and returns why it should stop.
    async fn beat(&self) -> Result<Option<RunStop>, Error> {
        let mut known = match self.roster.known_job(self.id).await {
            Err(Error::JobNotFound) => return Ok(Some(RunStop::Lost)),
            known => known?,
        };
        let (process, state) = (self.roster.process_number(), &mut known.job.state);
        if state.status.is_final() || state.runner.is_none_or(|runner| runner.process != process) {
            return Ok(Some(RunStop::Lost));
        }
        state.runner = Some(Runner { process, seen_at: self.roster.parts().clock.now() });
        let is_cancelled = state.is_cancelled;
        // If the run has written meanwhile, that shows the same.
        self.roster.job_store()?.write(&known.stored()?, ReportChange::Keep).await?;
        if is_cancelled {
            return Ok(Some(RunStop::Cancelled));
        }
        let starter = authority_of(self.roster, self.starter).await?;
        let is_unchanged = starter.map(|user| user.auth_epoch) == self.epoch;
        Ok((!is_unchanged).then_some(RunStop::AuthorityChanged))
    }
}
