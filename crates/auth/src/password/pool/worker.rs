//! The threads and their shared state.

use super::hasher::Hasher;
use super::job::Work;
use super::queue::FairQueue;
use super::settings::HashPoolSettings;
use super::stats::{Counters, HashObserver, HashPoolStats};
use parking_lot::{Condvar, Mutex};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

/// The lowest priority on Linux.
const LOWEST_PRIORITY: i32 = 19;

pub(super) struct Shared {
    state: Mutex<State>,
    wake: Condvar,
    counters: Counters,
    observer: Arc<dyn HashObserver>,
}

struct State {
    queue: FairQueue<Job>,
    closed: bool,
}

struct Job {
    queued: Instant,
    work: Box<dyn Work>,
}

/// The main function of a hash thread.
pub(super) fn run(shared: &Shared, hasher: &Hasher) {
    lower_priority();
    if shared.is_idle() {
        hasher.calibrate();
    }
    while let Some(job) = shared.next() {
        shared.run(job);
    }
}

impl Shared {
    pub(super) fn new(settings: &HashPoolSettings, observer: Arc<dyn HashObserver>) -> Self {
        let queue = FairQueue::new(settings.queue_limit, settings.queue_limit_per_address);
        Self {
            state: Mutex::new(State { queue, closed: false }),
            wake: Condvar::new(),
            counters: Counters::default(),
            observer,
        }
    }

    /// Whether the pool is still open.
    pub(super) fn is_open(&self) -> bool {
        !self.state.lock().closed
    }

    /// Queues a job, or returns the number of waiting jobs if there is no room.
    pub(super) fn push(&self, address: Option<IpAddr>, work: Box<dyn Work>) -> Result<(), usize> {
        let mut state = self.state.lock();
        if !state.closed && !state.queue.has_room(address) {
            self.drop_abandoned(&mut state);
        }
        let displaced = if state.closed { None } else { state.queue.make_room(address) };
        if state.closed || !state.queue.has_room(address) {
            let waiting = state.queue.len();
            drop(state);
            self.counters.rejected.fetch_add(1, Ordering::Relaxed);
            self.observer.rejected();
            return Err(waiting);
        }
        state.queue.push(address, Job { queued: Instant::now(), work });
        drop(state);
        if displaced.is_some() {
            // Dropping the job notifies its ticket.
            self.counters.rejected.fetch_add(1, Ordering::Relaxed);
            self.observer.rejected();
        }
        self.wake.notify_one();
        Ok(())
    }

    pub(super) fn has_room(&self, address: Option<IpAddr>) -> bool {
        let state = self.state.lock();
        !state.closed && state.queue.has_room(address)
    }

    pub(super) fn stats(&self) -> HashPoolStats {
        self.counters.read(self.state.lock().queue.len())
    }

    /// Ends the threads after their current jobs. Waiting jobs are dropped, which notifies their tickets.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        let dropped = state.queue.remove_unless(|_| false);
        drop(state);
        drop(dropped);
        self.wake.notify_all();
    }

    fn is_idle(&self) -> bool {
        let state = self.state.lock();
        !state.closed && state.queue.len() == 0
    }

    /// Waits for a job with a ticket; `None` when the pool is closed.
    fn next(&self) -> Option<Job> {
        let mut state = self.state.lock();
        while !state.closed {
            match state.queue.pop() {
                Some(job) if job.work.is_abandoned() => {
                    self.counters.skipped.fetch_add(1, Ordering::Relaxed);
                }
                Some(job) => {
                    self.counters.in_flight.fetch_add(1, Ordering::Relaxed);
                    return Some(job);
                }
                None => self.wake.wait(&mut state),
            }
        }
        None
    }

    fn run(&self, job: Job) {
        let started = Instant::now();
        self.observer.waited(started.duration_since(job.queued));
        // A bug in one job must not end the thread. The job's ticket is notified.
        if catch_unwind(AssertUnwindSafe(|| job.work.run(started))).is_err() {
            tracing::error!("a hash job panicked");
        }
        self.counters.in_flight.fetch_sub(1, Ordering::Relaxed);
        self.counters.finished.fetch_add(1, Ordering::Relaxed);
        self.observer.ran(started.elapsed());
    }

    /// Makes room by dropping the jobs of clients that have gone.
    fn drop_abandoned(&self, state: &mut State) {
        let dropped = state.queue.remove_unless(|job| !job.work.is_abandoned());
        let count = u64::try_from(dropped.len()).unwrap_or(u64::MAX);
        self.counters.skipped.fetch_add(count, Ordering::Relaxed);
    }
}

/// Yields to every other thread of the machine. On Linux a priority belongs to a thread, not to the process. If it
/// cannot be lowered, the thread runs as it is.
fn lower_priority() {
    let thread = rustix::thread::gettid();
    if let Err(error) = rustix::process::setpriority_process(Some(thread), LOWEST_PRIORITY) {
        tracing::debug!(%error, "hash threads keep the normal priority");
    }
}
