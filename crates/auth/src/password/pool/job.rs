//! A piece of work and the ticket that stands for its result.

use super::settings::PoolFull;
use futures_channel::oneshot;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// When to ask again after the pool was shut down: a server that restarts takes about so long.
const RESTART: Duration = Duration::from_secs(1);

/// The result to come of a job in the queue. Dropping it drops the job, unless that has begun.
///
/// It comes to [`PoolFull`] when the pool was shut down before the job began.
#[must_use = "a job that nobody waits for is skipped"]
pub struct Ticket<T>(oneshot::Receiver<T>);

/// A job, whatever its result.
pub(super) trait Work: Send {
    /// Whether nobody waits for the result any more.
    fn is_abandoned(&self) -> bool;
    /// Does it, and hands the result to the ticket.
    fn run(self: Box<Self>, started: Instant);
}

struct Task<T, F> {
    answer: oneshot::Sender<T>,
    work: F,
}

impl dyn Work {
    pub(super) fn new<T: Send + 'static>(
        work: impl FnOnce(Instant) -> Option<T> + Send + 'static,
    ) -> (Box<dyn Work>, Ticket<T>) {
        let (answer, result) = oneshot::channel();
        (Box::new(Task { answer, work }), Ticket(result))
    }
}

impl<T: Send, F: FnOnce(Instant) -> Option<T> + Send> Work for Task<T, F> {
    fn is_abandoned(&self) -> bool {
        self.answer.is_canceled()
    }

    fn run(self: Box<Self>, started: Instant) {
        if let Some(value) = (self.work)(started) {
            // The caller may have left meanwhile: then the result goes nowhere.
            let _ = self.answer.send(value);
        }
    }
}

impl<T> Future for Ticket<T> {
    type Output = Result<T, PoolFull>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map_err(|_| PoolFull { retry_after: RESTART })
    }
}
