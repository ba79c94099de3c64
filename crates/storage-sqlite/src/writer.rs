//! The writer thread: the only one that changes the database.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::thread;
use std::time::{Duration, Instant};

use roster_storage::{CommitError, CommitObserver, UnitOfWork};
use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::checkpoint::{CHECKPOINT_PAGES, Calls, RESTART_PAGES};
use crate::connection::BUSY;
use crate::failure::Failure;
use crate::group::{Committed, commit, probe};
use crate::metrics::Counters;
use crate::tally::Totals;
use crate::writer_status::WriterStatus;

/// The result of a commit.
pub(crate) type Outcome = Result<(), CommitError>;

/// The maximum time for which a group is collected.
const MAX_GATHERING: Duration = Duration::from_millis(1);
/// A group with this many changes takes no more units, so that those who come next need not wait long.
const MAX_CHANGES: usize = 1_000;
/// How long the writer waits for readers when it starts the log anew.
const RESTART_PATIENCE: Duration = Duration::from_millis(50);

/// What the writer thread is given to do.
pub(crate) enum Work {
    Commit(Commit),
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

/// The state of the writer thread.
pub(crate) struct Writer {
    pub(crate) connection: Connection,
    pub(crate) queue: Receiver<Work>,
    /// The number of the last audit record.
    pub(crate) last_number: i64,
    pub(crate) status: Arc<WriterStatus>,
    pub(crate) totals: Arc<Totals>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) checkpoints: Arc<Calls>,
    pub(crate) observer: Option<Arc<dyn CommitObserver>>,
    /// The size of the log at which it is moved next.
    pub(crate) checkpoint_at: u64,
    /// The size of the log at which the writer next tries to start it anew.
    pub(crate) restart_at: u64,
}

impl Writer {
    /// Works until told to stop, and returns the connection.
    pub(crate) fn run(mut self) -> Connection {
        // Whatever ends this thread, nothing can be written from then on.
        let _failing = SetFailing(Arc::clone(&self.status));
        while let Ok(work) = self.queue.recv() {
            let (group, other) = self.gather(work);
            if !group.is_empty() {
                self.commit(group);
                self.mind_the_log();
            }
            match other {
                Some(Work::Probe(reply)) => {
                    let outcome = probe(&self.connection);
                    self.status.set_failing(outcome.is_err());
                    let _ = reply.send(outcome);
                }
                Some(Work::Stop) => break,
                Some(Work::Commit(_)) | None => {}
            }
        }
        self.connection
    }

    /// Takes the units that wait, and what comes after them if it is something else. It yields to threads that are
    /// about to commit, as long as that brings more units: one sync for many units costs less than many syncs.
    fn gather(&self, first: Work) -> (Vec<Commit>, Option<Work>) {
        let (began, mut group, mut changes) = (Instant::now(), Vec::new(), 0);
        let mut next = Some(first);
        let mut before_pause = 0;
        loop {
            match next.take().map_or_else(|| self.queue.try_recv(), Ok) {
                Ok(Work::Commit(commit)) => {
                    changes += commit.unit.changes().len();
                    group.push(commit);
                    if changes >= MAX_CHANGES {
                        return (group, None);
                    }
                }
                Ok(other) => return (group, Some(other)),
                Err(TryRecvError::Disconnected) => return (group, Some(Work::Stop)),
                Err(TryRecvError::Empty) => {
                    if group.len() == before_pause || began.elapsed() >= MAX_GATHERING {
                        return (group, None);
                    }
                    before_pause = group.len();
                    thread::yield_now();
                }
            }
        }
    }

    fn commit(&mut self, group: Vec<Commit>) {
        match commit(&self.connection, group.iter().map(|commit| &commit.unit), self.last_number) {
            Ok(committed) => self.committed(group, committed),
            Err(error) if group.len() > 1 && error.is_of_one_unit() => {
                for commit in group {
                    self.commit(vec![commit]);
                }
            }
            Err(error) => {
                self.status.set_failing(true);
                self.counters.failures.add(group.len() as u64);
                let errors = error.for_callers(group.len());
                self.reply(group.into_iter().zip(errors.into_iter().map(Err)));
            }
        }
    }

    fn committed(&mut self, group: Vec<Commit>, committed: Committed) {
        self.last_number = committed.last_number;
        self.totals.add(committed.tally);
        self.status.set_failing(false);
        self.counters.groups.add(1);
        let conflicts = committed.verdicts.iter().filter(|verdict| verdict.is_err()).count() as u64;
        self.counters.conflicts.add(conflicts);
        self.counters.commits.add(group.len() as u64 - conflicts);
        let outcomes = committed.verdicts.into_iter().map(|verdict| verdict.map_err(CommitError::Conflict));
        self.reply(group.into_iter().zip(outcomes));
    }

    fn reply(&self, answers: impl Iterator<Item = (Commit, Outcome)>) {
        let now = Instant::now();
        for (Commit { asked, reply, unit: _ }, outcome) in answers {
            if let Some(observer) = &self.observer {
                observer.committed(now.duration_since(asked));
            }
            // A caller that is gone does not need the answer.
            let _ = reply.send(outcome);
        }
    }

    /// Has the log moved when it is long, and starts it anew when it is very long.
    fn mind_the_log(&mut self) {
        let pages = self.counters.log_pages.get();
        if pages < self.checkpoint_at.saturating_sub(CHECKPOINT_PAGES) {
            // It was started anew.
            self.checkpoint_at = CHECKPOINT_PAGES;
        }
        if pages >= self.restart_at {
            self.restart_at = match self.restart_log() {
                Ok(true) => RESTART_PAGES,
                // A reader, such as a backup, still needs it.
                Ok(false) | Err(_) => pages + RESTART_PAGES,
            };
        } else if pages >= self.checkpoint_at {
            self.checkpoint_at = pages + CHECKPOINT_PAGES;
            self.checkpoints.request();
        }
    }

    /// Moves the rest of the log and lets the next transaction start it anew. `false` if a reader still needs it.
    fn restart_log(&self) -> rusqlite::Result<bool> {
        self.connection.busy_timeout(RESTART_PATIENCE)?;
        let busy =
            self.connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| row.get::<_, i64>(0));
        self.connection.busy_timeout(BUSY)?;
        Ok(busy? == 0)
    }
}

struct SetFailing(Arc<WriterStatus>);

impl Drop for SetFailing {
    fn drop(&mut self) {
        self.0.set_failing(true);
    }
}
