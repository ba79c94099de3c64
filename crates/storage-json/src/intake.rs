//! The queue of units for the writer. The thread that adds a unit also drafts it.

use std::mem;
use std::sync::Arc;
use std::thread;

use parking_lot::{Condvar, Mutex, MutexGuard};
use thiserror::Error;

use crate::command::Command;
use crate::draft::{Base, Draft, DraftedGroup, Prepared};
use crate::reply_batch::PendingCommit;
use crate::state::{Index, KnownNames};

/// The units and commands that wait for the writer.
pub(crate) struct Intake {
    pending: Mutex<Pending>,
    called: Condvar,
}

struct Pending {
    /// The next group.
    draft: Draft,
    /// The callers that wait for each unit of the draft, in the same order.
    commits: Vec<PendingCommit>,
    /// In the order in which they were added.
    commands: Vec<Command>,
    /// Whether the writer sleeps until it is called.
    is_asleep: bool,
    /// Whether units are accepted.
    state: IntakeState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IntakeState {
    Open,
    /// A thread is drafting. If the lock is free in this state, the thread panicked and left an incomplete draft.
    Held,
    Closed,
}

/// The store accepts no more units.
#[derive(Debug, Error)]
#[error("the store is closed")]
pub(crate) struct Closed;

impl Intake {
    pub(crate) fn new(draft: Draft) -> Self {
        let pending = Pending {
            draft,
            commits: Vec::new(),
            commands: Vec::new(),
            is_asleep: false,
            state: IntakeState::Open,
        };
        Self { pending: Mutex::new(pending), called: Condvar::new() }
    }

    /// Adds a unit to the next group. From here on it belongs to the writer.
    ///
    /// # Errors
    /// [`Closed`]: the unit was not accepted.
    pub(crate) fn add(&self, unit: Prepared, pending_commit: PendingCommit) -> Result<(), Closed> {
        let mut pending = self.draft(|draft| draft.add(unit))?;
        pending.commits.push(pending_commit);
        self.call(pending);
        Ok(())
    }

    /// Adds a command, to be executed after the waiting units are committed.
    ///
    /// # Errors
    /// [`Closed`]: the command will not be executed.
    pub(crate) fn command(&self, command: Command) -> Result<(), Closed> {
        let mut pending = self.pending.lock();
        if pending.state == IntakeState::Closed {
            return Err(Closed);
        }
        pending.commands.push(command);
        self.call(pending);
        Ok(())
    }

    /// Takes the waiting commands; `None` if there is nothing to do at all.
    pub(crate) fn take_commands(&self) -> Option<Vec<Command>> {
        self.pending.lock().take_commands()
    }

    /// Sleeps until there is something to do and takes the commands.
    pub(crate) fn wait(&self) -> Vec<Command> {
        let mut pending = self.pending.lock();
        loop {
            if let Some(commands) = pending.take_commands() {
                return commands;
            }
            pending.is_asleep = true;
            self.called.wait(&mut pending);
        }
    }

    /// The number of waiting units.
    pub(crate) fn len(&self) -> usize {
        self.pending.lock().commits.len()
    }

    /// Takes the waiting units and their callers.
    ///
    /// # Errors
    /// [`Closed`], if a thread panicked while it was drafting.
    pub(crate) fn take(&self) -> Result<(DraftedGroup, Vec<PendingCommit>), Closed> {
        let mut pending = self.pending.lock();
        if pending.state == IntakeState::Held {
            return Err(Closed);
        }
        Ok((pending.draft.take(), mem::take(&mut pending.commits)))
    }

    /// Drafts the waiting units again, because an earlier group failed.
    pub(crate) fn rebase(&self, base: Base) {
        self.pending.lock().draft.rebase(base);
    }

    /// Removes the audit records numbered up to `through`, which are in a file now.
    pub(crate) fn remove_written(&self, through: u64) {
        let written = self.pending.lock().draft.remove_written(through);
        // There may be many. They are dropped without the lock, so that others can draft meanwhile.
        drop(written);
    }

    /// Has the draft use another index for lists.
    pub(crate) fn use_index(&self, index: &Arc<Index>) {
        self.pending.lock().draft.use_index(index);
    }

    /// Has the draft use other tables of names.
    pub(crate) fn use_names(&self, names: &Arc<KnownNames>) {
        self.pending.lock().draft.use_names(names);
    }

    /// Accepts nothing from now on. The writer can still take the waiting units.
    pub(crate) fn shut(&self) {
        let mut pending = self.pending.lock();
        if pending.state == IntakeState::Open {
            pending.state = IntakeState::Closed;
        }
    }

    /// Drops the waiting units and commands, which the writer will not take.
    pub(crate) fn close(&self) {
        let mut pending = self.pending.lock();
        pending.state = IntakeState::Closed;
        let left = (mem::take(&mut pending.commits), mem::take(&mut pending.commands));
        drop(pending);
        drop(left);
    }

    fn draft(&self, work: impl FnOnce(&mut Draft)) -> Result<MutexGuard<'_, Pending>, Closed> {
        let _wake = WakeOnPanic(&self.called);
        let mut pending = self.pending.lock();
        if pending.state != IntakeState::Open {
            return Err(Closed);
        }
        pending.state = IntakeState::Held;
        work(&mut pending.draft);
        pending.state = IntakeState::Open;
        Ok(pending)
    }

    fn call(&self, mut pending: MutexGuard<'_, Pending>) {
        let is_asleep = mem::take(&mut pending.is_asleep);
        drop(pending);
        if is_asleep {
            self.called.notify_one();
        }
    }
}

/// Wakes the writer if the thread panics: it must not continue with an incomplete draft.
struct WakeOnPanic<'a>(&'a Condvar);

impl Drop for WakeOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.notify_one();
        }
    }
}

impl Pending {
    fn take_commands(&mut self) -> Option<Vec<Command>> {
        let is_idle = self.commits.is_empty() && self.commands.is_empty() && self.state != IntakeState::Held;
        (!is_idle).then(|| mem::take(&mut self.commands))
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;
    use std::time::Instant;

    use roster_domain::Action;
    use roster_storage::UnitOfWork;

    use super::*;
    use crate::tests::{person, record};

    fn unit() -> Prepared {
        Prepared::new(UnitOfWork::audited(record(Action::UserCreated, person(1).id, 1))).unwrap()
    }

    #[test]
    fn a_unit_or_a_command_wakes_the_writer() {
        let intake = Arc::new(Intake::new(Draft::default()));
        let writer = thread::spawn({
            let intake = Arc::clone(&intake);
            move || (intake.wait().len(), intake.take().unwrap().1.len(), intake.wait().len())
        });
        intake.add(unit(), PendingCommit::new(Instant::now()).0).unwrap();
        while intake.len() > 0 {
            thread::yield_now();
        }
        intake.command(Command::Stop).unwrap();
        assert_eq!(writer.join().unwrap(), (0, 1, 1));
    }

    #[test]
    fn after_shutting_waiting_units_can_be_taken_and_new_ones_are_rejected() {
        let intake = Intake::new(Draft::default());
        intake.add(unit(), PendingCommit::new(Instant::now()).0).unwrap();
        intake.shut();
        assert!(intake.add(unit(), PendingCommit::new(Instant::now()).0).is_err());
        assert_eq!(intake.take().unwrap().0.units.len(), 1);
    }

    #[test]
    fn closing_notifies_waiting_callers() {
        let intake = Intake::new(Draft::default());
        let (pending_commit, mut reply) = PendingCommit::new(Instant::now());
        intake.add(unit(), pending_commit).unwrap();
        intake.close();
        assert!(matches!(reply.try_recv(), Err(tokio::sync::oneshot::error::TryRecvError::Closed)));
        assert!(intake.command(Command::Stop).is_err());
    }

    #[test]
    fn an_incomplete_draft_is_never_committed() {
        let intake = Intake::new(Draft::default());
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            drop(intake.draft(|_| panic!("as a bug in a guard would")));
        }));
        assert!(panicked.is_err());
        assert!(intake.add(unit(), PendingCommit::new(Instant::now()).0).is_err());
        assert!(intake.take_commands().is_some_and(|commands| commands.is_empty()), "the writer has to wake");
        assert!(intake.take().is_err());
    }
}
