//! The writer thread: the only one that changes the journal and publishes states.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use roster_storage::{CommitError, CommitObserver};

use crate::command::Command;
use crate::committer::{Committed, Committer};
use crate::draft::DraftedGroup;
use crate::intake::{Closed, Intake};
use crate::reply_batch::{Outcome, PendingCommit, ReplyBatch, Settled};
use crate::writer_status::WriterStatus;

/// The maximum time for which a group is collected.
const MAX_GATHERING: Duration = Duration::from_millis(1);

/// The state of the writer thread.
pub(crate) struct Writer {
    committer: Committer,
    intake: Arc<Intake>,
    status: Arc<WriterStatus>,
    observer: Option<Arc<dyn CommitObserver>>,
    /// The results of the last group, which the callers may still be passing on.
    batches: Vec<Arc<ReplyBatch>>,
}

/// Whether to continue.
enum Next {
    GoOn,
    Stop,
}

impl Writer {
    pub(crate) const fn new(
        committer: Committer,
        intake: Arc<Intake>,
        status: Arc<WriterStatus>,
        observer: Option<Arc<dyn CommitObserver>>,
    ) -> Self {
        Self { committer, intake, status, observer, batches: Vec::new() }
    }

    /// Works until told to stop.
    pub(crate) fn run(mut self) {
        loop {
            let commands = self.commands();
            self.gather();
            if self.commit_waiting().is_err() {
                return;
            }
            for command in commands {
                if matches!(self.execute(command), Next::Stop) {
                    return;
                }
            }
        }
    }

    /// The commands, once there is anything to do. Before it sleeps, it makes sure that all callers have their
    /// results.
    fn commands(&mut self) -> Vec<Command> {
        self.intake.take_commands().unwrap_or_else(|| {
            self.finish_batches();
            self.intake.wait()
        })
    }

    /// Yields to threads that are about to commit, as long as that brings more units: on a busy processor, one sync
    /// for many units takes less of it than many syncs. On an idle one, it does not wait. A group is everything that
    /// waits, so its size is bounded by the number of concurrent callers.
    fn gather(&self) {
        let began = Instant::now();
        let mut before_pause = 0;
        loop {
            let waiting = self.intake.len();
            if waiting == before_pause || began.elapsed() >= MAX_GATHERING {
                return;
            }
            before_pause = waiting;
            thread::yield_now();
        }
    }

    fn commit_waiting(&mut self) -> Result<(), Closed> {
        let (group, pending_commits) = self.intake.take()?;
        if !pending_commits.is_empty() {
            self.commit(group, pending_commits);
        }
        Ok(())
    }

    fn commit(&mut self, group: DraftedGroup, pending_commits: Vec<PendingCommit>) {
        let Committed { outcomes, units, rebase, superseded } = self.committer.commit(group);
        if let Some(base) = rebase {
            self.intake.rebase(base);
        }
        self.note(&outcomes);
        if let Some(observer) = &self.observer {
            let now = Instant::now();
            for pending_commit in &pending_commits {
                observer.committed(pending_commit.waited(now));
            }
        }
        self.finish_batches();
        let settled = outcomes.into_iter().zip(units);
        let settled = settled.map(|(outcome, unit)| Settled::returning(unit, outcome));
        self.batches = ReplyBatch::begin(pending_commits.into_iter().zip(settled));
        drop(superseded);
    }

    fn note(&self, outcomes: &[Outcome]) {
        let is_conflict = |outcome: &Outcome| matches!(outcome, Err(CommitError::Conflict(_)));
        if outcomes.iter().any(Result::is_ok) {
            self.status.record_commit();
            self.status.set_failing(false);
        } else if !outcomes.iter().all(is_conflict) {
            self.status.set_failing(true);
        }
    }

    fn finish_batches(&mut self) {
        for batch in self.batches.drain(..) {
            batch.give();
        }
    }

    fn execute(&mut self, command: Command) -> Next {
        match command {
            Command::Seal(reply) => drop(reply.send(self.committer.seal())),
            Command::Remove(through, done) => {
                self.committer.remove_through(through);
                self.intake.remove_written(through);
                done.send(()).unwrap_or_default();
            }
            Command::UseIndex(index, done) => {
                self.committer.use_index(&index);
                self.intake.use_index(&index);
                done.send(()).unwrap_or_default();
            }
            Command::UseNames(names, done) => {
                self.committer.use_names(&names);
                self.intake.use_names(&names);
                done.send(()).unwrap_or_default();
            }
            Command::Probe(reply) => {
                let outcome = self.committer.probe();
                self.status.set_failing(outcome.is_err());
                drop(reply.send(outcome));
            }
            Command::Stop => {
                self.intake.shut();
                // An incomplete draft is not committed; its callers get an error when the intake closes.
                self.commit_waiting().unwrap_or_default();
                return Next::Stop;
            }
        }
        Next::GoOn
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.finish_batches();
        // Whatever ended it, nothing can be written from now on.
        self.status.set_failing(true);
        self.intake.close();
    }
}

#[cfg(test)]
mod tests {
    use roster_storage::UnitOfWork;
    use tokio::sync::oneshot;

    use super::*;
    use crate::disk::simulated::SimulatedDisk;
    use crate::draft::Prepared;
    use crate::recovery::Opened;
    use crate::reply_batch::Reply;
    use crate::tests::{creation, opened, person};

    fn writer(disk: &SimulatedDisk) -> Writer {
        let Opened { committer, draft, .. } = opened(disk).unwrap();
        Writer::new(committer, Arc::new(Intake::new(draft)), Arc::new(WriterStatus::new(false)), None)
    }

    impl Writer {
        fn leave(&self, unit: UnitOfWork) -> oneshot::Receiver<Reply> {
            let (pending_commit, reply) = PendingCommit::new(Instant::now());
            self.intake.add(Prepared::new(unit).unwrap(), pending_commit).unwrap();
            reply
        }
    }

    fn outcome(mut reply: oneshot::Receiver<Reply>) -> Outcome {
        reply.try_recv().unwrap().take()
    }

    #[test]
    fn a_failed_group_leaves_nothing_behind() {
        let disk = SimulatedDisk::new(1);
        let mut writer = writer(&disk);
        disk.set_full(true);
        let rejected = writer.leave(creation(&person(1), 1));
        writer.commit_waiting().unwrap();
        assert!(matches!(outcome(rejected), Err(CommitError::Unavailable(_))));
        disk.set_full(false);
        let kept = writer.leave(creation(&person(2), 2));
        writer.commit_waiting().unwrap();
        outcome(kept).unwrap();
        let state = writer.committer.base().state;
        assert_eq!(state.iter().map(|user| user.id).collect::<Vec<_>>(), [person(2).id]);
    }

    #[test]
    fn waiting_units_are_committed_on_stop() {
        let disk = SimulatedDisk::new(1);
        let writer = writer(&disk);
        let intake = Arc::clone(&writer.intake);
        let status = Arc::clone(&writer.status);
        let reply = writer.leave(creation(&person(1), 1));
        intake.command(Command::Stop).unwrap();
        writer.run();
        outcome(reply).unwrap();
        assert!(status.is_in_doubt(), "it writes no more");
        let late = Prepared::new(creation(&person(2), 2)).unwrap();
        assert!(intake.add(late, PendingCommit::new(Instant::now()).0).is_err());
    }
}
