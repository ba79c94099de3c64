//! Waiting for a future without a runtime.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Blocks the thread until the future is ready.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Arc::new(Unpark(thread::current())).into();
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

/// The instant `wait` from now, or in a century if that is earlier: an [`Instant`] cannot hold a wait that means
/// "never".
pub(super) fn later(wait: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_hours(100 * 365 * 24);
    Instant::now() + wait.min(CENTURY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_wait_does_not_overflow() {
        assert!(later(Duration::MAX) > later(Duration::from_hours(1)));
    }
}
