//! The progress of an import, written so that it can go on after the end of the process.
//!
//! Before users are committed, the lines about them are stored as planned, with the ids of the users. So a later run knows which
//! of them it finds in the store because of this job, and neither imports nor counts a record twice.

use super::records::KnownJob;
use super::state::{JobStatus, Runner};
use super::stop::{RunStop, authority_of};
use crate::import_users::{ImportLedger, RecordFate};
use crate::{Error, FileReport, Roster};
use async_trait::async_trait;
use roster_domain::{AuthEpoch, UserId};
use roster_import::RecordReport;
use roster_storage::{JobWrite, ReportChange, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::future::pending;
use tokio::sync::watch;

/// A line of a report.
#[derive(Serialize, Deserialize)]
struct Line<T> {
    /// The number of the record in the file, from 1.
    record: usize,
    /// The user who was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<UserId>,
    #[serde(flatten)]
    report: T,
}

/// What is read of a planned line.
#[derive(Deserialize)]
struct PlannedLine {
    record: usize,
    id: Option<UserId>,
    outcome: Outcome,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Imported,
    Unchanged,
    Refused,
}

/// The progress of a job that this process runs.
pub(super) struct JobLedger<'r> {
    roster: &'r Roster,
    pub(super) known: KnownJob,
    /// The epoch of the starter's authority, if they have any.
    epoch: Option<AuthEpoch>,
    /// The lines of records that an earlier run has imported but not counted, by their place in the file.
    pending: BTreeMap<usize, (String, Outcome)>,
    pub(super) stop: Option<RunStop>,
    /// What the heartbeat finds out.
    stops: watch::Receiver<Option<RunStop>>,
}

impl<'r> JobLedger<'r> {
    pub(super) const fn new(
        roster: &'r Roster,
        known: KnownJob,
        epoch: Option<AuthEpoch>,
        stops: watch::Receiver<Option<RunStop>>,
    ) -> Self {
        Self { roster, known, epoch, pending: BTreeMap::new(), stop: None, stops }
    }

    /// Finds out which of the planned users were committed.
    pub(super) async fn recover(&mut self) -> Result<(), Error> {
        let planned = self.roster.job_store()?.planned(self.known.job.id).await?;
        let mut lines = Vec::new();
        for text in planned.split(|byte| *byte == b'\n').filter(|text| !text.is_empty()) {
            let text = String::from_utf8_lossy(text).into_owned();
            let line: PlannedLine =
                serde_json::from_str(&text).map_err(|error| StoreError::Damaged(Box::new(error)))?;
            lines.push((line, text));
        }
        let ids: Vec<_> = lines.iter().filter_map(|(line, _)| line.id).collect();
        let found = if ids.is_empty() { Vec::new() } else { self.roster.store().users_by_id(&ids).await? };
        let found: HashSet<_> = found.iter().map(|user| user.id).collect();
        let committed = lines.into_iter().filter(|(line, _)| line.id.is_some_and(|id| found.contains(&id)));
        let placed = committed.map(|(line, text)| (line.record.saturating_sub(1), (text, line.outcome)));
        self.pending = placed.filter(|(index, _)| *index >= self.known.job.state.counts.done).collect();
        Ok(())
    }

    /// Ends a job that came to its end.
    pub(super) async fn complete(&mut self, report: FileReport) -> Result<(), Error> {
        self.known.job.state.file = report;
        self.finish(JobStatus::Done, None).await
    }

    /// Ends the job.
    pub(super) async fn finish(&mut self, status: JobStatus, reason: Option<String>) -> Result<(), Error> {
        let mut lines = Vec::new();
        // Beyond the last group that was counted, only those who are in the store are counted.
        for (_, (text, outcome)) in std::mem::take(&mut self.pending) {
            self.count(outcome);
            push(&mut lines, text.as_bytes());
        }
        let state = &mut self.known.job.state;
        if state.file != FileReport::default() {
            push(
                &mut lines,
                &serde_json::to_vec(&state.file).map_err(|error| StoreError::Damaged(error.into()))?,
            );
        }
        state.status = status;
        state.reason = reason;
        state.finished_at = Some(self.roster.parts().clock.now());
        state.runner = None;
        self.write(ReportChange::Append(lines)).await?;
        Ok(self.roster.job_store()?.erase_upload(self.known.job.id).await?)
    }

    /// Writes the state. A cancellation that was made meanwhile is kept.
    pub(super) async fn write(&mut self, report: ReportChange) -> Result<(), Error> {
        let process = self.roster.process_number();
        loop {
            if *self.stops.borrow() == Some(RunStop::Lost) {
                return self.stop_with(RunStop::Lost);
            }
            if !self.known.job.state.status.is_final() {
                let seen_at = self.roster.parts().clock.now();
                self.known.job.state.runner = Some(Runner { process, seen_at });
            }
            if self.roster.job_store()?.write(&self.known.stored()?, report.clone()).await? == JobWrite::Made
            {
                self.known.version += 1;
                return Ok(());
            }
            let stored = match self.roster.known_job(self.known.job.id).await {
                Err(Error::JobNotFound) => return self.stop_with(RunStop::Lost),
                stored => stored?,
            };
            // Another server may have left it, too.
            let is_here = stored.job.state.runner.is_some_and(|runner| runner.process == process);
            if !is_here || stored.job.state.status.is_final() {
                return self.stop_with(RunStop::Lost);
            }
            self.known.job.state.is_cancelled |= stored.job.state.is_cancelled;
            self.known.version = stored.version;
        }
    }

    /// `stop` has the reason; the error only ends the run.
    fn stop_with(&mut self, stop: RunStop) -> Result<(), Error> {
        self.stop = Some(stop);
        Err(Error::Contended)
    }

    const fn count(&mut self, outcome: Outcome) {
        let counts = &mut self.known.job.state.counts;
        counts.done += 1;
        match outcome {
            Outcome::Imported => counts.imported += 1,
            Outcome::Unchanged => counts.unchanged += 1,
            Outcome::Refused => counts.refused += 1,
        }
    }

    async fn check(&mut self) -> Result<(), Error> {
        let stop = *self.stops.borrow();
        if let Some(stop) = stop {
            return self.stop_with(stop);
        }
        if self.known.job.state.is_cancelled {
            return self.stop_with(RunStop::Cancelled);
        }
        match authority_of(self.roster, self.known.job.state.starter).await? {
            Some(user) if Some(user.auth_epoch) == self.epoch => Ok(()),
            Some(_) | None => self.stop_with(RunStop::AuthorityChanged),
        }
    }
}

fn push(lines: &mut Vec<u8>, line: &[u8]) {
    lines.extend_from_slice(line);
    lines.push(b'\n');
}

fn line(fate: &RecordFate) -> Result<Vec<u8>, StoreError> {
    let line: Line<&RecordReport> = Line { record: fate.index + 1, id: fate.user, report: &fate.report };
    serde_json::to_vec(&line).map_err(|error| StoreError::Damaged(Box::new(error)))
}

#[async_trait]
impl ImportLedger for JobLedger<'_> {
    fn max_records(&self) -> usize {
        self.roster.parts().max_import_records
    }

    async fn stopped(&mut self) -> Error {
        let stop = self.stops.wait_for(Option::is_some).await.ok().and_then(|stop| *stop);
        let Some(stop) = stop else { return pending().await };
        self.stop = Some(stop);
        Error::Contended
    }

    async fn begin(&mut self, total: usize) -> Result<(), Error> {
        self.known.job.state.counts.total = Some(total);
        self.write(ReportChange::Keep).await?;
        self.check().await
    }

    fn is_settled(&self, index: usize) -> bool {
        index < self.known.job.state.counts.done || self.pending.contains_key(&index)
    }

    async fn plan(&mut self, fates: &[RecordFate]) -> Result<(), Error> {
        let mut lines = Vec::new();
        // Those of an earlier run stay planned until they are counted.
        for (text, _) in self.pending.values() {
            push(&mut lines, text.as_bytes());
        }
        for fate in fates {
            push(&mut lines, &line(fate)?);
        }
        self.write(ReportChange::Plan(lines)).await?;
        self.check().await
    }

    async fn settle(&mut self, fates: Vec<RecordFate>, end: usize) -> Result<(), Error> {
        let later = self.pending.split_off(&end);
        let mut earlier = std::mem::replace(&mut self.pending, later);
        let mut lines = Vec::new();
        for fate in &fates {
            while let Some(entry) = earlier.first_entry().filter(|entry| *entry.key() < fate.index) {
                let (text, outcome) = entry.remove();
                self.count(outcome);
                push(&mut lines, text.as_bytes());
            }
            self.known.job.state.counts.add(&fate.report);
            push(&mut lines, &line(fate)?);
        }
        for (_, (text, outcome)) in earlier {
            self.count(outcome);
            push(&mut lines, text.as_bytes());
        }
        if lines.is_empty() {
            return self.check().await;
        }
        self.write(ReportChange::Append(lines)).await?;
        self.check().await
    }

    /// What is planned stays planned, and the next run finds out.
    fn interrupt(&mut self, _: Vec<RecordFate>) {}
}
