//! Threads that read. Each has a connection of its own, so no asynchronous thread waits for a disk.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use roster_storage::StoreError;
use rusqlite::{Connection, TransactionBehavior};
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

type Job = Box<dyn FnOnce(&mut Reader) + Send>;

/// Reader threads with a common queue.
#[derive(Clone)]
pub(crate) struct Readers {
    queue: Arc<Queue>,
    threads: Arc<Mutex<Vec<JoinHandle<()>>>>,
    /// How long a read may take, with its wait for a thread.
    patience: Duration,
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    called: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
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
    /// Starts a thread for each reader. A read may take as long as `patience`, with its wait for a thread.
    ///
    /// # Errors
    /// If the system starts no more threads.
    pub(crate) fn start(name: &str, patience: Duration, all: Vec<Reader>) -> io::Result<Self> {
        let readers = Self { queue: Arc::default(), threads: Arc::default(), patience };
        for reader in all {
            let queue = Arc::clone(&readers.queue);
            let thread = thread::Builder::new().name(name.to_owned());
            readers.threads.lock().push(thread.spawn(move || queue.work(reader))?);
        }
        Ok(readers)
    }

    /// Reads on one of the threads. All statements of `read` see the same state.
    ///
    /// # Errors
    /// [`StoreError`], with what the read failed of.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run(move |reader| {
            let transaction = reader.transaction_with_behavior(TransactionBehavior::Deferred)?;
            read(&transaction)
        })
        .await
    }

    /// Reads with a single statement, which needs no transaction.
    ///
    /// # Errors
    /// [`StoreError`], with what the read failed of.
    pub(crate) async fn read_one<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run(|reader| read(reader)).await
    }

    /// Uses the reader of one of the threads.
    ///
    /// # Errors
    /// [`StoreError`], with what the read failed of.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Reader) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let (asked, patience) = (Instant::now(), self.patience);
        let job: Job = Box::new(move |reader| {
            // Nobody waits for a read whose request was dropped.
            if !reply.is_closed() {
                let _ = reply.send(reader.within(asked, patience, read));
            }
        });
        self.queue.add(job).map_err(|closed| StoreError::Unavailable(Box::new(closed)))?;
        let found = answer.await.map_err(|_| StoreError::Unavailable(Box::new(Panicked)))?;
        Ok(found?)
    }

    /// Ends the threads after the reads that wait.
    pub(crate) fn end(&self, end: End) {
        self.queue.state.lock().end = Some(end);
        self.queue.called.notify_all();
        for thread in std::mem::take(&mut *self.threads.lock()) {
            // A thread that panicked has logged it.
            let _ = thread.join();
        }
    }
}

impl Queue {
    fn add(&self, job: Job) -> Result<(), Closed> {
        let mut state = self.state.lock();
        if state.end.is_some() {
            return Err(Closed);
        }
        state.jobs.push_back(job);
        drop(state);
        self.called.notify_one();
        Ok(())
    }

    fn work(&self, mut reader: Reader) {
        let end = loop {
            let mut state = self.state.lock();
            let job = loop {
                if let Some(job) = state.jobs.pop_front() {
                    break Ok(job);
                }
                if let Some(end) = state.end {
                    break Err(end);
                }
                self.called.wait(&mut state);
            };
            drop(state);
            match job {
                // A panic ends the read alone, and its caller hears that the answer is lost. What it leaves on the
                // connection, the next read resets.
                Ok(job) => drop(catch_unwind(AssertUnwindSafe(|| job(&mut reader)))),
                Err(end) => break end,
            }
        };
        if end == End::Finish {
            remove_log_at_the_end(&reader);
        }
    }
}
