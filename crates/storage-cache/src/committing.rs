//! A commit together with the invalidation that follows it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use roster_storage::CommitError;
use tokio::runtime::Handle;

/// A commit that goes on when it is dropped: the store completes a unit that it has begun, whatever becomes of the caller,
/// and the cache must learn of it.
pub(crate) struct Committing {
    /// `None` once it is complete.
    commit: Option<Commit>,
    runtime: Handle,
}

/// The commit with what follows it.
type Commit = Pin<Box<dyn Future<Output = Result<(), CommitError>> + Send>>;

impl Committing {
    /// A commit that `runtime` completes if it is dropped.
    pub(crate) fn new(
        commit: impl Future<Output = Result<(), CommitError>> + Send + 'static,
        runtime: Handle,
    ) -> Self {
        Self { commit: Some(Box::pin(commit)), runtime }
    }
}

impl Future for Committing {
    type Output = Result<(), CommitError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(commit) = &mut self.commit else { return Poll::Pending };
        let polled = commit.as_mut().poll(context);
        if polled.is_ready() {
            self.commit = None;
        }
        polled
    }
}

impl Drop for Committing {
    fn drop(&mut self) {
        if let Some(commit) = self.commit.take() {
            self.runtime.spawn(commit);
        }
    }
}
