//! A commit together with the invalidation that follows it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// A commit that goes on when it is dropped: the store completes a unit that it has begun, whatever becomes of the caller,
/// and the cache must learn of it.
pub(crate) struct Committing<T: Send + 'static> {
    /// `None` once it is complete.
    commit: Option<Commit<T>>,
    runtime: Handle,
}

/// The commit with what follows it.
type Commit<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl<T: Send + 'static> Committing<T> {
    /// A commit that `runtime` completes if it is dropped.
    pub(crate) fn new(commit: impl Future<Output = T> + Send + 'static, runtime: Handle) -> Self {
        Self { commit: Some(Box::pin(commit)), runtime }
    }
}

impl<T: Send + 'static> Future for Committing<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(commit) = &mut self.commit else { return Poll::Pending };
        let polled = commit.as_mut().poll(context);
        if polled.is_ready() {
            self.commit = None;
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Committing<T> {
    fn drop(&mut self) {
        if let Some(commit) = self.commit.take() {
            self.runtime.spawn(commit);
        }
    }
}
