//! The checkpoint thread: it moves the log into the database file while the writer goes on.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;

use crate::metrics::Counters;

/// By how much the log grows before it is moved: 16 MiB with pages of 4 KiB. Many pages are written again and again, and are
/// moved once.
pub(crate) const CHECKPOINT_PAGES: u64 = 4_000;

/// The checkpoint thread, from outside.
pub(crate) struct Checkpointer {
    calls: Arc<Calls>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
pub(crate) struct Calls {
    state: Mutex<State>,
    called: Condvar,
}

#[derive(Default)]
struct State {
    is_due: bool,
    is_running: bool,
    is_over: bool,
}

impl Checkpointer {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system starts no more threads.
    pub(crate) fn start(connection: Connection, counters: Arc<Counters>) -> io::Result<Self> {
        let calls = Arc::<Calls>::default();
        let thread = thread::Builder::new().name("roster-checkpoint".to_owned()).spawn({
            let calls = Arc::clone(&calls);
            move || {
                while calls.wait() {
                    run(&connection, &counters);
                }
            }
        })?;
        Ok(Self { calls, thread })
    }

    /// What the writer calls.
    pub(crate) fn calls(&self) -> Arc<Calls> {
        Arc::clone(&self.calls)
    }

    /// Ends the thread.
    pub(crate) fn end(self) {
        self.calls.state.lock().is_over = true;
        self.calls.called.notify_one();
        // A thread that panicked has logged it, and the log is moved at the next start.
        let _ = self.thread.join();
    }
}

impl Calls {
    /// Asks for a checkpoint. A running one is followed by another.
    pub(crate) fn request(&self) {
        self.state.lock().is_due = true;
        self.called.notify_one();
    }

    /// Whether nothing is left to do.
    pub(crate) fn are_done(&self) -> bool {
        let state = self.state.lock();
        !state.is_due && !state.is_running
    }

    /// Waits for a request. `false` at the end.
    fn wait(&self) -> bool {
        let mut state = self.state.lock();
        state.is_running = false;
        while !state.is_due && !state.is_over {
            self.called.wait(&mut state);
        }
        state.is_due = false;
        state.is_running = true;
        !state.is_over
    }
}

/// Moves what no reader needs. It waits for nobody.
fn run(connection: &Connection, counters: &Counters) {
    counters.checkpoints.add(1);
    let outcome = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get::<_, i64>(2));
    match outcome {
        Ok(moved) => drop(counters.moved_pages.replace(u64::try_from(moved).unwrap_or(0))),
        Err(error) => {
            counters.checkpoint_failures.add(1);
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the log was not moved into the database"
            );
        }
    }
}
