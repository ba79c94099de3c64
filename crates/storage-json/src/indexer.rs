//! The indexer thread: makes a new index for lists when enough users have changed, while writers and readers continue.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

use crate::command::Command;
use crate::intake::Intake;
use crate::projector::{Shutdown, ShutdownMode};
use crate::state::State;

/// How often it checks whether there is something to do.
const TICK: Duration = Duration::from_millis(200);
/// Indexes take at most one part in this many of the time.
const MAX_SHARE: u32 = 20;
/// A list looks at those who changed one by one, so there should be few.
const MIN_CHANGED: usize = 256;
/// In a large store, a new index takes longer.
const USERS_FOR_EACH_CHANGED: usize = 1_024;

/// If nobody asks for lists, a new index only saves memory.
const MIN_CHANGED_UNASKED: usize = 100_000;
/// New tables of names save memory, but no time.
const MIN_GIVEN: usize = 4_096;

/// Whether a list was asked for since the last index was made.
#[derive(Debug, Default)]
pub(crate) struct ListsAsked(AtomicBool);

impl ListsAsked {
    pub(crate) fn set(&self) {
        // Many threads read it, so it is not written again and again.
        if !self.0.load(Ordering::Relaxed) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

/// The state of the indexer thread.
pub(crate) struct Indexer {
    pub(crate) published: Arc<ArcSwap<State>>,
    pub(crate) intake: Arc<Intake>,
    pub(crate) shutdown: Arc<Shutdown>,
    pub(crate) lists_asked: Arc<ListsAsked>,
}

impl Indexer {
    /// Works until the shutdown is requested.
    pub(crate) fn run(self) {
        let mut pause = TICK;
        while self.shutdown.wait(pause) == ShutdownMode::GoOn {
            let began = Instant::now();
            let (is_index_due, are_names_due) = self.due(&self.published.load());
            if is_index_due {
                self.lists_asked.0.store(false, Ordering::Relaxed);
                self.renew_index();
            }
            if are_names_due {
                self.renew_names();
            }
            pause = TICK.max(began.elapsed() * (MAX_SHARE - 1));
        }
    }

    /// Whether a new index and new tables of names are due.
    fn due(&self, state: &State) -> (bool, bool) {
        let (changed, indexed) = state.index_age();
        let (given, named) = state.names_age();
        let many = if self.lists_asked.0.load(Ordering::Relaxed) {
            MIN_CHANGED.max(indexed / USERS_FOR_EACH_CHANGED)
        } else {
            MIN_CHANGED_UNASKED.max(2 * indexed)
        };
        (changed > many, given > MIN_GIVEN.max(named / 4))
    }

    fn renew_index(&self) {
        let index = Arc::new(self.published.load_full().next_index());
        self.execute(|done| Command::UseIndex(index, done));
    }

    fn renew_names(&self) {
        if let Some(names) = self.published.load_full().next_names() {
            self.execute(|done| Command::UseNames(Arc::new(names), done));
        }
    }

    fn execute(&self, command: impl FnOnce(SyncSender<()>) -> Command) {
        let (done, executed) = sync_channel(1);
        drop(self.intake.command(command(done)));
        // Without a writer, there is nothing to wait for.
        executed.recv().unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::disk::simulated::SimulatedDisk;
    use crate::draft::Prepared;
    use crate::recovery::Opened;
    use crate::reply_batch::PendingCommit;
    use crate::tests::{creation, opened, person};
    use crate::writer::Writer;
    use crate::writer_status::WriterStatus;

    const MANY: u64 = 300;

    #[test]
    fn a_new_index_reaches_readers_and_later_commits() {
        let Opened { committer, draft, published, .. } = opened(&SimulatedDisk::new(1)).unwrap();
        let intake = Arc::new(Intake::new(draft));
        let writer = Writer::new(committer, Arc::clone(&intake), Arc::new(WriterStatus::new(false)), None);
        let writer = thread::spawn(move || writer.run());
        let commit = |number| {
            let (pending_commit, reply) = PendingCommit::new(Instant::now());
            intake.add(Prepared::new(creation(&person(number), number)).unwrap(), pending_commit).unwrap();
            reply.blocking_recv().unwrap().take().unwrap();
        };
        let ages = || (published.load().index_age(), published.load().names_age());
        (0..MANY).for_each(commit);
        let indexer = Indexer {
            published: Arc::clone(&published),
            intake: Arc::clone(&intake),
            shutdown: Arc::new(Shutdown::new()),
            lists_asked: Arc::default(),
        };
        assert_eq!(indexer.due(&published.load()), (false, false), "nobody asks for lists");
        indexer.lists_asked.set();
        assert_eq!(indexer.due(&published.load()), (true, false));
        indexer.renew_index();
        indexer.renew_names();
        assert_eq!(ages(), ((0, 300), (0, 300)));
        commit(MANY);
        assert_eq!(ages(), ((1, 300), (2, 300)), "one user with a username and an address");
        intake.command(Command::Stop).unwrap();
        writer.join().unwrap();
    }
}
