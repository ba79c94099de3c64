//! Follows an import group by group.

use super::observer::{ImportObserver, Progress};
use crate::Error;
use async_trait::async_trait;
use roster_domain::UserId;
use roster_import::{ImportSummary, RecordReport};
use std::future::pending;

/// What becomes of a record.
pub(crate) struct RecordFate {
    /// Its place in the file, from 0.
    pub(crate) index: usize,
    pub(crate) report: RecordReport,
    /// The user that is created for it.
    pub(crate) user: Option<UserId>,
}

/// Follows an import group by group. Groups come in the order of the file.
#[async_trait]
pub(crate) trait ImportLedger: Send {
    /// The most records that it takes.
    fn max_records(&self) -> usize;

    /// Ends when the import should stop, with the error to stop with. Called before [`begin`](Self::begin), while the file is
    /// read for the first time.
    async fn stopped(&mut self) -> Error;

    /// Called once, before all that follow, with the number of records.
    async fn begin(&mut self, total: usize) -> Result<(), Error>;

    /// Whether the fate of the record at this place is known from an earlier run. It is then neither carried out nor told again.
    fn is_settled(&self, index: usize) -> bool;

    /// Called with what is about to be committed.
    async fn plan(&mut self, fates: &[RecordFate]) -> Result<(), Error>;

    /// Called with what has become of the records before `end`. What was imported is durable.
    async fn settle(&mut self, fates: Vec<RecordFate>, end: usize) -> Result<(), Error>;

    /// Called instead of [`settle`](Self::settle) if the store has failed, with those records whose fate is known.
    fn interrupt(&mut self, fates: Vec<RecordFate>);
}

/// Passes the records on to an observer, and counts them.
pub(super) struct ObservedLedger<'o> {
    pub(super) observer: &'o mut dyn ImportObserver,
    pub(super) summary: ImportSummary,
    total: usize,
}

impl<'o> ObservedLedger<'o> {
    pub(super) fn new(observer: &'o mut dyn ImportObserver, summary: ImportSummary) -> Self {
        Self { observer, summary, total: 0 }
    }

    fn tell(&mut self, fates: Vec<RecordFate>) {
        for RecordFate { report, .. } in fates {
            self.summary.add(&report);
            self.observer.decided(&report, self.progress());
        }
    }

    pub(super) const fn progress(&self) -> Progress {
        Progress { done: self.summary.total, total: self.total }
    }
}

#[async_trait]
impl ImportLedger for ObservedLedger<'_> {
    fn max_records(&self) -> usize {
        usize::MAX
    }

    async fn stopped(&mut self) -> Error {
        pending().await
    }

    async fn begin(&mut self, total: usize) -> Result<(), Error> {
        self.total = total;
        Ok(())
    }

    fn is_settled(&self, _: usize) -> bool {
        false
    }

    async fn plan(&mut self, _: &[RecordFate]) -> Result<(), Error> {
        Ok(())
    }

    async fn settle(&mut self, fates: Vec<RecordFate>, _: usize) -> Result<(), Error> {
        self.tell(fates);
        Ok(())
    }

    fn interrupt(&mut self, fates: Vec<RecordFate>) {
        self.tell(fates);
    }
}
