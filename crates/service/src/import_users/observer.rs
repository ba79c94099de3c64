//! Receives the outcomes of an import.

use roster_import::RecordReport;

/// The progress of an import, in records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The records processed so far. Users imported from them are durable.
    pub done: usize,
    /// All records in the file.
    pub total: usize,
}

/// Receives the outcome of each record, in the order of the file.
///
/// Every `FnMut(&RecordReport, Progress)` implements it.
pub trait ImportObserver: Send {
    /// Called after each record. If it was imported, the user is durable.
    fn decided(&mut self, record: &RecordReport, progress: Progress);
}

impl<F: FnMut(&RecordReport, Progress) + Send> ImportObserver for F {
    fn decided(&mut self, record: &RecordReport, progress: Progress) {
        self(record, progress);
    }
}
