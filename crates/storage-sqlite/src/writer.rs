//! The writer thread: the only one that changes the database.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use roster_storage::{CommitError, CommitObserver, ReplyBatch, Settled, UnitOfWork};
use rusqlite::Connection;

use crate::checkpoint::Calls;
use crate::connection::BUSY;
use crate::failure::Failure;
use crate::group::{Committed, GroupError, commit, probe};
use crate::log_pace::{LogPace, LogStep};
use crate::metrics::Counters;
use crate::queue::{Commit, Outcome, Queue, Work};
use crate::series::SeriesPace;
use crate::tally::Totals;
use crate::writer_status::WriterStatus;

/// The maximum time for which a group is collected.
const MAX_GATHERING: Duration = Duration::from_millis(1);
/// How long the callers have time to pass the results on before the writer does it. It makes a system call for each, they
/// make none.
const PASSING_ON: Duration = Duration::from_millis(1);
/// A group with this many changes takes no more units, so that those who come next need not wait long.
const MAX_CHANGES: usize = 1_000;
/// The least time for which a group waits for another program, however long its units have waited.
const MIN_BUSY: Duration = Duration::from_millis(100);
/// How long a probe waits for another program. Commits wait behind it.
const PROBE_BUSY: Duration = Duration::from_secs(1);
/// How long the writer waits for readers when it starts the log anew.
const RESTART_PATIENCE: Duration = Duration::from_millis(50);

/// The state of the writer thread.
pub(crate) struct Writer {
    pub(crate) connection: Connection,
    pub(crate) queue: Queue,
    /// What is left of the long series.
    pub(crate) series: VecDeque<Commit>,
    pub(crate) pace: SeriesPace,
    /// The number of the last audit record.
    pub(crate) last_number: i64,
    pub(crate) status: Arc<WriterStatus>,
    pub(crate) totals: Arc<Totals>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) checkpoints: Arc<Calls>,
    pub(crate) observer: Option<Arc<dyn CommitObserver>>,
    /// Replies that callers may still be passing on to each other.
    pub(crate) replies: Vec<Arc<ReplyBatch<UnitOfWork>>>,
    pub(crate) log_pace: LogPace,
}

impl Writer {
    /// Works until told to stop, and returns the connection.
    pub(crate) fn run(mut self) -> Connection {
        // Whatever ends this thread, nothing can be written from then on.
        let _failing = SetFailing(Arc::clone(&self.status));
        loop {
            let next = if self.series.is_empty() { Some(self.wait()) } else { self.queue.take() };
            let Some(work) = next else {
                self.continue_series();
                continue;
            };
            let (group, other) = self.gather(work);
            if !group.is_empty() {
                self.pace.meet_others();
                self.commit(group);
                self.mind_the_log();
            }
            match other {
                Some(Work::Series(series)) => self.series.extend(series),
                Some(Work::Probe(reply)) => {
                    let outcome = self.wait_for_others(PROBE_BUSY).and_then(|()| probe(&self.connection));
                    self.status.set_failing(outcome.is_err());
                    let _ = reply.send(outcome);
                }
                Some(Work::Stop) => break,
                Some(Work::Commit(_)) | None => {}
            }
            // It goes on however many single units come.
            self.continue_series();
        }
        while !self.series.is_empty() {
            self.continue_series();
        }
        self.finish_replies();
        // For the end of the log. If this fails, the wait is shorter.
        let _ = self.wait_for_others(BUSY);
        self.connection
    }

    /// Waits for something to do. Before it sleeps, it makes sure that all callers have their results.
    fn wait(&mut self) -> Work {
        let are_finished = self.replies.iter().all(|batch| batch.is_finished());
        let patience = if are_finished { Duration::ZERO } else { PASSING_ON };
        self.queue.wait_for(patience).unwrap_or_else(|| {
            self.finish_replies();
            self.queue.wait()
        })
    }

    fn finish_replies(&mut self) {
        for batch in self.replies.drain(..) {
            batch.give();
        }
    }

    /// Commits a part of the series.
    fn continue_series(&mut self) {
        if self.series.is_empty() {
            return;
        }
        self.status.begin_group();
        let (began, taken) = (Instant::now(), Cell::new(0));
        // Its units have waited for those before them, so all transactions of it are equally patient.
        let patient = self.wait_for_others(BUSY).map_err(GroupError::Unit);
        let units = self.series.iter().map(|commit| &commit.unit);
        let units = units.take_while(|_| self.pace.may_take(taken.get(), began, &mut self.queue));
        let units = units.inspect(|_| taken.set(taken.get() + 1));
        let outcome = patient.and_then(|()| commit(&self.connection, units, self.last_number));
        self.status.end_group();
        let count = taken.get();
        match outcome {
            Ok(committed) => {
                self.pace.adapt(count, committed.commit_took);
                let group = self.series.drain(..count).collect();
                self.committed(group, committed);
            }
            Err(error) => {
                // What comes later must not be there without what comes first, unless it is to blame itself. A transaction
                // that did not begin has taken no unit.
                let is_of_taken = count > 0 && error.is_of_one_unit();
                let count = if is_of_taken { count } else { self.series.len() };
                let group = self.series.drain(..count).collect();
                self.failed(group, error);
            }
        }
        self.mind_the_log();
    }

    /// Takes the units that wait, and what comes after them if it is something else. It yields to threads that are
    /// about to commit, as long as that brings more units: one sync for many units costs less than many syncs.
    fn gather(&mut self, first: Work) -> (Vec<Commit>, Option<Work>) {
        let (began, mut group, mut changes) = (Instant::now(), Vec::new(), 0);
        let mut next = Some(first);
        let mut before_pause = 0;
        loop {
            match next.take().or_else(|| self.queue.take()) {
                Some(Work::Commit(commit)) => {
                    changes += commit.unit.changes().len();
                    group.push(commit);
                    if changes >= MAX_CHANGES {
                        return (group, None);
                    }
                }
                Some(other) => return (group, Some(other)),
                None => {
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
        // The first unit has waited longest.
        let waited = group.first().map_or(Duration::ZERO, |commit| commit.pending.waited(Instant::now()));
        let units = group.iter().map(|commit| &commit.unit);
        let patience = BUSY.saturating_sub(waited).max(MIN_BUSY);
        self.status.begin_group();
        let patient = self.wait_for_others(patience).map_err(GroupError::Unit);
        let outcome = patient.and_then(|()| commit(&self.connection, units, self.last_number));
        self.status.end_group();
        match outcome {
            Ok(committed) => self.committed(group, committed),
            Err(error) => self.failed(group, error),
        }
    }

    fn failed(&mut self, group: Vec<Commit>, error: GroupError) {
        if group.len() > 1 && error.is_of_one_unit() {
            for commit in group {
                self.commit(vec![commit]);
            }
            return;
        }
        self.status.set_failing(true);
        self.counters.failures.add(group.len() as u64);
        let errors = error.for_callers(group.len());
        self.reply(group.into_iter().zip(errors.into_iter().map(Err)));
    }

    /// Lets the statements that follow wait for another program that holds the database.
    fn wait_for_others(&self, patience: Duration) -> Result<(), Failure> {
        Ok(self.connection.busy_timeout(patience)?)
    }

    fn committed(&mut self, group: Vec<Commit>, committed: Committed) {
        self.last_number = committed.last_number;
        self.totals.add(committed.effects.tally);
        self.status.set_failing(false);
        self.counters.groups.add(1);
        let conflicts = committed.verdicts.iter().filter(|verdict| verdict.is_err()).count() as u64;
        self.counters.conflicts.add(conflicts);
        self.counters.commits.add(group.len() as u64 - conflicts);
        let outcomes = committed.verdicts.into_iter().map(|verdict| verdict.map_err(CommitError::Conflict));
        self.reply(group.into_iter().zip(outcomes));
    }

    fn reply(&mut self, outcomes: impl Iterator<Item = (Commit, Outcome)>) {
        let now = Instant::now();
        let replies = outcomes.map(|(Commit { unit, pending }, outcome)| {
            if let Some(observer) = &self.observer {
                observer.committed(pending.waited(now));
            }
            (pending, Settled::returning(unit, outcome))
        });
        let begun = ReplyBatch::begin(replies);
        self.finish_replies();
        self.replies = begun;
    }

    /// Has the log moved when it is long, and starts it anew when it is very long.
    fn mind_the_log(&mut self) {
        let pages = self.counters.log_pages.get();
        let left = self.checkpoints.are_done().then(|| pages.saturating_sub(self.counters.moved_pages.get()));
        match self.log_pace.step(pages, left) {
            LogStep::Keep => {}
            LogStep::Move => self.checkpoints.request(),
            LogStep::Restart => match self.restart_log() {
                Ok(true) => self.log_pace.restarted(),
                Ok(false) | Err(_) => self.log_pace.still_needed(pages),
            },
        }
    }

    /// Moves the rest of the log and lets the next transaction start it anew. `false` if a reader still needs it.
    fn restart_log(&self) -> rusqlite::Result<bool> {
        self.connection.busy_timeout(RESTART_PATIENCE)?;
        let busy =
            self.connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| row.get::<_, i64>(0))?;
        Ok(busy == 0)
    }
}

struct SetFailing(Arc<WriterStatus>);

impl Drop for SetFailing {
    fn drop(&mut self) {
        self.0.set_failing(true);
    }
}
