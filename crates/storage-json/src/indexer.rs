//! The indexer thread: makes a new index for lists when enough users have changed, while writers and readers continue.

use std::sync::Arc;
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

/// New tables of names save memory, but no time.
const MIN_GIVEN: usize = 4_096;

/// The state of the indexer thread.
pub(crate) struct Indexer {
    pub(crate) published: Arc<ArcSwap<State>>,
    pub(crate) intake: Arc<Intake>,
    pub(crate) shutdown: Arc<Shutdown>,
}

impl Indexer {
    /// Works until the shutdown is requested.
    pub(crate) fn run(self) {
        let mut pause = TICK;
        while self.shutdown.wait(pause) == ShutdownMode::GoOn {
            let began = Instant::now();
            let (is_index_due, are_names_due) = due(&self.published.load());
            if is_index_due {
                self.renew_index();
            }
            if are_names_due {
                self.renew_names();
            }
            pause = TICK.max(began.elapsed() * (MAX_SHARE - 1));
        }
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

/// Whether a new index and new tables of names are due.
fn due(state: &State) -> (bool, bool) {
    let (changed, indexed) = state.index_age();
    let (given, named) = state.names_age();
    (changed > MIN_CHANGED.max(indexed / USERS_FOR_EACH_CHANGED), given > MIN_GIVEN.max(named / 4))
}
