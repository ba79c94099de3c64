//! The projector thread: writes snapshots while writers and readers continue.

use std::error::Error;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use roster_storage::UnitOfWork;

use crate::command::Command;
use crate::committer::Checkpoint;
use crate::draft::Prepared;
use crate::intake::Intake;
use crate::metrics::Counters;
use crate::policy::{SnapshotState, is_due};
use crate::projection::{ProjectionError, Projections, Rotate};
use crate::reply_batch::{PendingCommit, Reply};
use crate::writer_status::WriterStatus;

/// How often it checks whether there is something to do.
const TICK: Duration = Duration::from_millis(200);
/// How long it waits after a failed snapshot.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// How the projector ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShutdownMode {
    GoOn,
    /// Write what is missing, then end.
    Finish,
    /// End immediately.
    Abandon,
}

/// Tells the projector to end.
#[derive(Debug)]
pub(crate) struct Shutdown {
    mode: Mutex<ShutdownMode>,
    requested: Condvar,
}

impl Shutdown {
    pub(crate) const fn new() -> Self {
        Self { mode: Mutex::new(ShutdownMode::GoOn), requested: Condvar::new() }
    }

    /// Only the first call counts.
    pub(crate) fn request(&self, mode: ShutdownMode) {
        let mut current = self.mode.lock();
        if *current == ShutdownMode::GoOn {
            *current = mode;
        }
        self.requested.notify_all();
    }

    /// Waits for the request, and returns what was requested.
    pub(crate) fn wait(&self, at_most: Duration) -> ShutdownMode {
        let mut mode = self.mode.lock();
        if *mode == ShutdownMode::GoOn {
            self.requested.wait_for(&mut mode, at_most);
        }
        *mode
    }
}

/// The state of the projector thread.
pub(crate) struct Projector {
    pub(crate) projections: Projections,
    pub(crate) intake: Arc<Intake>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) writer_status: Arc<WriterStatus>,
    pub(crate) shutdown: Arc<Shutdown>,
}

impl Projector {
    /// Works until the shutdown is requested.
    ///
    /// # Errors
    /// [`ProjectionError`], if the last snapshot failed.
    pub(crate) fn run(mut self) -> Result<(), ProjectionError> {
        let (mut took, mut ended, mut rest) = (Duration::ZERO, Instant::now(), Duration::ZERO);
        loop {
            match self.shutdown.wait(TICK) {
                ShutdownMode::GoOn => {}
                ShutdownMode::Finish => return self.finish(),
                ShutdownMode::Abandon => return Ok(()),
            }
            let rested = ended.elapsed();
            if rested < rest || !is_due(&self.facts(took, rested)) {
                self.projections.measure_an_archive();
                continue;
            }
            let began = Instant::now();
            let outcome = self.snapshot();
            (took, ended) = (began.elapsed(), Instant::now());
            rest = Duration::ZERO;
            if let Err(error) = outcome {
                tracing::error!(
                    error = &error as &dyn Error,
                    "a snapshot failed; the journal keeps the changes"
                );
                rest = AFTER_FAILURE;
            }
        }
    }

    fn finish(&mut self) -> Result<(), ProjectionError> {
        if self.writer_status.is_behind() || self.projections.was_edited() { self.snapshot() } else { Ok(()) }
    }

    fn facts(&mut self, took: Duration, rested: Duration) -> SnapshotState {
        SnapshotState {
            is_behind: self.writer_status.is_behind(),
            is_edited: self.projections.was_edited(),
            idle_for: self.writer_status.idle_for(),
            journal: self.counters.journal_bytes.get(),
            snapshot: self.counters.snapshot_bytes.get(),
            took,
            rested,
        }
    }

    fn snapshot(&mut self) -> Result<(), ProjectionError> {
        let rotate = self.announce_rotation();
        let (reply, checkpoint) = sync_channel(1);
        self.writer_status.set_behind(false);
        // Without a writer, the command and its reply are dropped.
        drop(self.intake.command(Command::Seal(reply)));
        let Ok(checkpoint) = checkpoint.recv() else {
            self.writer_status.set_behind(true);
            return Err(ProjectionError::WriterGone);
        };
        let outcome = self.projections.project(&checkpoint, rotate);
        match &outcome {
            Ok(()) => self.remove_written(checkpoint),
            Err(_) => self.writer_status.set_behind(true),
        }
        outcome
    }

    /// Has the writer forget what the files include. The checkpoint is dropped last, so that this thread frees the audit
    /// records: there may be many, and commits would wait for the writer meanwhile.
    fn remove_written(&self, checkpoint: Checkpoint) {
        let (done, removed) = sync_channel(1);
        drop(self.intake.command(Command::Remove(checkpoint.sealed.through, done)));
        // Without a writer, there is nothing to wait for.
        removed.recv().unwrap_or_default();
        drop(checkpoint);
    }

    /// Commits the record of a rotation that is due. If that fails, the log is not rotated: a large file is better
    /// than a rotation without a record.
    fn announce_rotation(&self) -> Rotate {
        let Some(record) = self.projections.due_rotation() else { return Rotate::No };
        let Ok(unit) = Prepared::new(UnitOfWork::audited(record)) else { return Rotate::No };
        let (pending_commit, reply) = PendingCommit::new(Instant::now());
        let left = self.intake.add(unit, pending_commit);
        match left.map(|()| reply.blocking_recv().map(Reply::take)) {
            Ok(Ok(Ok(()))) => Rotate::First,
            _ => Rotate::No,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::simulated::SimulatedDisk;
    use crate::recovery::Opened;
    use crate::tests::opened;

    #[test]
    fn a_missing_writer_is_reported_at_the_end() {
        let Opened { draft, projections, counters, .. } = opened(&SimulatedDisk::new(1)).unwrap();
        let intake = Arc::new(Intake::new(draft));
        intake.close();
        let (writer_status, shutdown) = (Arc::new(WriterStatus::new(true)), Arc::new(Shutdown::new()));
        shutdown.request(ShutdownMode::Finish);
        let projector =
            Projector { projections, intake, counters, writer_status: Arc::clone(&writer_status), shutdown };
        assert!(matches!(projector.run(), Err(ProjectionError::WriterGone)));
        assert!(writer_status.is_behind());
    }
}
