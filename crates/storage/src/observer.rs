//! Observes commits.

use std::time::Duration;

/// Observes the duration of commits.
pub trait CommitObserver: Send + Sync {
    /// A commit has finished, with whatever result, this long after it was called.
    fn committed(&self, latency: Duration);
}
