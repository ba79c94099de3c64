//! Jobs and their tickets.

use super::settings::PoolFull;
use futures_channel::oneshot;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// The time to wait after a shut-down: about as long as a server takes to restart.
const RESTART: Duration = Duration::from_secs(1);

/// The pending result of a job in the queue. Dropping it drops the job, unless the job has begun.
///
/// It resolves to [`PoolFull`] if the pool is shut down before the job begins.
#[must_use = "a job that nobody waits for is skipped"]
pub struct Ticket<T>(oneshot::Receiver<T>);

/// A job with any type of result.
pub(super) trait Work: Send {
    /// Whether its ticket was dropped.
    fn is_abandoned(&self) -> bool;
    /// Runs the job, and sends the result to the ticket.
    fn run(self: Box<Self>, started: Instant);
}

struct Task<T, F> {
    sender: oneshot::Sender<T>,
    work: F,
}

impl dyn Work {
    pub(super) fn new<T: Send + 'static>(
        work: impl FnOnce(Instant) -> Option<T> + Send + 'static,
    ) -> (Box<dyn Work>, Ticket<T>) {
        let (sender, result) = oneshot::channel();
        (Box::new(Task { sender, work }), Ticket(result))
    }
}

impl<T: Send, F: FnOnce(Instant) -> Option<T> + Send> Work for Task<T, F> {
    fn is_abandoned(&self) -> bool {
        self.sender.is_canceled()
    }

    fn run(self: Box<Self>, started: Instant) {
        if let Some(value) = (self.work)(started) {
            // If the ticket was dropped meanwhile, the result is lost.
            let _ = self.sender.send(value);
        }
    }
}

impl<T> Future for Ticket<T> {
    type Output = Result<T, PoolFull>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map_err(|_| PoolFull { retry_after: RESTART })
    }
}
