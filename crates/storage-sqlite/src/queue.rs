//! The queue of the writer thread.

use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::Instant;

use roster_storage::{CommitError, UnitOfWork};
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
    /// When the commit was called.
    pub(crate) asked: Instant,
    pub(crate) reply: oneshot::Sender<Outcome>,
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
