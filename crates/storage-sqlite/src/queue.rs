//! The queue of the writer thread.

use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::Duration;

use roster_storage::{CommitError, PendingCommit, UnitOfWork};
use tokio::sync::oneshot;

use crate::failure::Failure;

/// The result of a commit.
pub(crate) type Outcome = Result<(), CommitError>;

/// What the writer thread is given to do.
pub(crate) enum Work {
    Commit(Commit),
    /// A long series of units, which single ones may overtake.
    Series(Vec<Commit>),
    /// Tells whether the database can be written.
    Probe(oneshot::Sender<Result<(), Failure>>),
    Stop,
}

/// A unit and its caller.
pub(crate) struct Commit {
    pub(crate) unit: UnitOfWork,
    pub(crate) pending: PendingCommit<UnitOfWork>,
}

/// The queue, with a view of its first entry.
pub(crate) struct Queue {
    receiver: Receiver<Work>,
    /// The first entry, if it was looked at.
    first: Option<Work>,
}

impl Queue {
    pub(crate) const fn new(receiver: Receiver<Work>) -> Self {
        Self { receiver, first: None }
    }

    /// Waits for the first entry; [`Work::Stop`] if nobody can add one any more.
    pub(crate) fn wait(&mut self) -> Work {
        self.first.take().or_else(|| self.receiver.recv().ok()).unwrap_or(Work::Stop)
    }

    /// Waits for the first entry for so long at most.
    pub(crate) fn wait_for(&mut self, time: Duration) -> Option<Work> {
        self.first.take().or_else(|| match self.receiver.recv_timeout(time) {
            Ok(work) => Some(work),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Work::Stop),
        })
    }

    /// Takes the first entry, if there is one; [`Work::Stop`] if nobody can add one any more.
    pub(crate) fn take(&mut self) -> Option<Work> {
        self.first.take().or_else(|| match self.receiver.try_recv() {
            Ok(work) => Some(work),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => Some(Work::Stop),
        })
    }

    /// Whether an entry waits.
    pub(crate) fn has_entry(&mut self) -> bool {
        self.first = self.take();
        self.first.is_some()
    }
}
