//! Use cases that concurrent changes have overtaken, in a queue.

use crate::Error;
use tokio::sync::Semaphore;

/// How many times a use case tries before it gives up.
const ATTEMPTS: usize = 64;

/// How many of these may run beside the attempts of other overtaken use cases.
const UNQUEUED_ATTEMPTS: usize = 8;

/// The queue of the use cases that were overtaken repeatedly. They take turns, first come, first served, so that each
/// competes with new calls only. Without it, one of a hundred concurrent logins of the same user would give up.
#[derive(Debug)]
pub(crate) struct OvertakenQueue(Semaphore);

impl Default for OvertakenQueue {
    fn default() -> Self {
        Self(Semaphore::new(1))
    }
}

impl OvertakenQueue {
    /// Calls `attempt` until it returns a result. `None` means that something it had read has changed meanwhile.
    ///
    /// # Errors
    /// The first error of `attempt`; [`Error::Contended`] if every attempt was overtaken.
    pub(crate) async fn retry<T, F>(&self, attempt: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<Option<T>, Error>>,
    {
        let mut turn = None;
        for made in 0..ATTEMPTS {
            if made == UNQUEUED_ATTEMPTS {
                // An error means that the semaphore is closed, which never happens.
                turn = self.0.acquire().await.ok();
            }
            if let Some(result) = attempt().await? {
                return Ok(result);
            }
        }
        drop(turn);
        Err(Error::Contended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join_all;
    use std::cell::Cell;
    use tokio::task::yield_now;

    #[tokio::test]
    async fn more_concurrent_changes_than_attempts_all_succeed() {
        let queue = OvertakenQueue::default();
        let version = Cell::new(0);
        let change = || async {
            let read = version.get();
            yield_now().await;
            Ok((version.get() == read).then(|| version.set(read + 1)))
        };
        let outcomes = join_all((0..3 * ATTEMPTS).map(|_| queue.retry(change))).await;
        assert!(outcomes.iter().all(Result::is_ok));
        assert_eq!(version.get(), 3 * ATTEMPTS);
    }

    #[tokio::test]
    async fn a_change_that_is_always_overtaken_gives_up() {
        let outcome: Result<(), _> = OvertakenQueue::default().retry(|| async { Ok(None) }).await;
        assert!(matches!(outcome, Err(Error::Contended)));
    }
}
