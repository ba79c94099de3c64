//! Threads that read. Each has a connection of its own, so no asynchronous thread waits for a disk.
//!
//! A thread takes several reads at once and answers them together. So they share a transaction, and mostly also the system
//! calls that wake a thread: these cost more than the read of a row.

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};
use roster_storage::StoreError;
use thiserror::Error;
use tokio::sync::oneshot;

use crate::connection::remove_log_at_the_end;
use crate::failure::Failure;
use crate::reader::Reader;

/// The store was closed.
#[derive(Debug, Error)]
#[error("the store is closed")]
pub(crate) struct Closed;

/// A fault of Roster ended the read. The thread has logged it.
#[derive(Debug, Error)]
#[error("the read ended with a panic")]
struct Panicked;

/// A read, which returns its answer, or nothing if nobody waits for it.
type Job = Box<dyn FnOnce(&mut Reader) -> Option<Answer> + Send>;

/// Passes what was read to the caller.
type Answer = Box<dyn FnOnce()>;

/// Reader threads with a common queue.
#[derive(Clone)]
pub(crate) struct Readers {
    queue: Arc<Queue>,
    threads: Arc<Mutex<Vec<JoinHandle<Reader>>>>,
    /// How long a read may take, with its wait for a thread.
    patience: Duration,
}

struct Queue {
    state: Mutex<State>,
    called: Condvar,
    /// The number of threads.
    threads: usize,
    batch: NonZeroUsize,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// Whether a thread without work is about to look at the queue. If there is more than it takes, it wakes another one.
    is_watched: bool,
    end: Option<End>,
}

/// How the connections are closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// As if the process were killed: the log stays.
    Abandon,
    /// The last connection removes the log.
    Finish,
}

impl Readers {
    /// Starts a thread for each reader, which takes at most `batch` reads at once. A read may take as long as `patience`,
    /// with its wait for a thread.
    ///
    /// # Errors
    /// If the system starts no more threads.
    pub(crate) fn start(
        name: &str,
        patience: Duration,
        batch: NonZeroUsize,
        all: Vec<Reader>,
    ) -> io::Result<Self> {
        let (state, called) = (Mutex::default(), Condvar::new());
        let queue = Arc::new(Queue { state, called, threads: all.len(), batch });
        let readers = Self { queue, threads: Arc::default(), patience };
        for reader in all {
            let queue = Arc::clone(&readers.queue);
            let thread = thread::Builder::new().name(name.to_owned());
            readers.threads.lock().push(thread.spawn(move || queue.work(reader))?);
        }
        Ok(readers)
    }

    /// Reads on one of the threads. All statements of `read` see the same state, which is not older than the call.
    ///
    /// # Errors
    /// [`StoreError`], with what the read failed of.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reader) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let (asked, patience) = (Instant::now(), self.patience);
        let job: Job = Box::new(move |reader| {
            // Nobody waits for a read whose request was dropped.
            (!reply.is_closed()).then(|| {
                let found = reader.within(asked, patience, read);
                Box::new(move || drop(reply.send(found))) as Answer
            })
        });
        self.queue.add(job).map_err(|closed| StoreError::Unavailable(Box::new(closed)))?;
        let found = answer.await.map_err(|_| StoreError::Unavailable(Box::new(Panicked)))?;
        Ok(found?)
    }

    /// Ends the threads after the reads that wait.
    pub(crate) fn end(&self, end: End) {
        self.queue.state.lock().end = Some(end);
        self.queue.called.notify_all();
        let threads = std::mem::take(&mut *self.threads.lock());
        // A thread that panicked has logged it. The connections are closed one after the other: of two at once, neither may be
        // the last one that removes the log.
        let readers: Vec<_> = threads.into_iter().filter_map(|thread| thread.join().ok()).collect();
        drop(readers);
    }
}

impl Queue {
    fn add(&self, job: Job) -> Result<(), Closed> {
        let mut state = self.state.lock();
        if state.end.is_some() {
            return Err(Closed);
        }
        state.jobs.push_back(job);
        self.wake(state);
        Ok(())
    }

    /// Wakes a thread that sleeps, unless another one is about to look at the queue.
    fn wake(&self, mut state: MutexGuard<'_, State>) {
        let is_watched = std::mem::replace(&mut state.is_watched, true);
        drop(state);
        if !is_watched {
            self.called.notify_one();
        }
    }

    /// Reads until the end, and returns the connection.
    fn work(&self, mut reader: Reader) -> Reader {
        let end = loop {
            match self.take() {
                Ok(jobs) => {
                    let answers: Vec<_> = jobs.into_iter().filter_map(|job| run(job, &mut reader)).collect();
                    reader.end_transaction();
                    for answer in answers {
                        answer();
                    }
                }
                Err(end) => break end,
            }
        };
        if end == End::Finish {
            remove_log_at_the_end(&reader);
        }
        reader
    }

    /// Waits for reads, and takes a share of those that wait. The threads that ask for them get a chance to add more
    /// before this one sleeps.
    fn take(&self) -> Result<Vec<Job>, End> {
        let mut state = self.state.lock();
        let mut has_yielded = false;
        while state.jobs.is_empty() {
            if let Some(end) = state.end {
                return Err(end);
            }
            state.is_watched = !has_yielded;
            if has_yielded {
                self.called.wait(&mut state);
            } else {
                MutexGuard::unlocked(&mut state, thread::yield_now);
            }
            has_yielded = !has_yielded;
        }
        let share = state.jobs.len().div_ceil(self.threads).min(self.batch.get());
        let jobs = state.jobs.drain(..share).collect();
        state.is_watched = false;
        if !state.jobs.is_empty() {
            self.wake(state);
        }
        Ok(jobs)
    }
}

/// A panic ends the read alone, and its caller hears that the answer is lost. What it leaves on the connection, the next
/// read resets.
fn run(job: Job, reader: &mut Reader) -> Option<Answer> {
    catch_unwind(AssertUnwindSafe(|| job(reader))).ok().flatten()
}
