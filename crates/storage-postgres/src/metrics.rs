//! Counters that can be read at any time.

use std::sync::atomic::{AtomicU64, Ordering};

/// What the store has done since it was opened, and what its pool is like now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PostgresStoreMetrics {
    /// Committed units.
    pub commits: u64,
    /// Units rejected by a guard.
    pub conflicts: u64,
    /// Units that failed for another reason, such as a lost connection.
    pub failures: u64,
    /// Units whose outcome stayed unknown.
    pub unknown_outcomes: u64,
    /// Attempts beyond the first one of a unit.
    pub retries: u64,
    /// Lists that a read replica has answered.
    pub replica_lists: u64,
    /// Open connections of the pool.
    pub connections: usize,
    /// Those of them that are idle.
    pub idle_connections: usize,
    /// Requests that wait for a connection.
    pub waiting_requests: usize,
}

/// The counters while they are counted.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) commits: Counter,
    pub(crate) conflicts: Counter,
    pub(crate) failures: Counter,
    pub(crate) unknown_outcomes: Counter,
    pub(crate) retries: Counter,
    pub(crate) replica_lists: Counter,
    /// Messages about commits of other servers.
    pub(crate) notices: Counter,
}

/// A number that only increases. There is no ordering between counters.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    /// The commits that this server knows of: its own, possible ones, and those that it has heard of.
    pub(crate) fn known_commits(&self) -> u64 {
        self.commits.get() + self.unknown_outcomes.get() + self.notices.get()
    }

    /// The counters, with a pool that is not there.
    pub(crate) fn read(&self) -> PostgresStoreMetrics {
        PostgresStoreMetrics {
            commits: self.commits.get(),
            conflicts: self.conflicts.get(),
            failures: self.failures.get(),
            unknown_outcomes: self.unknown_outcomes.get(),
            retries: self.retries.get(),
            replica_lists: self.replica_lists.get(),
            ..PostgresStoreMetrics::default()
        }
    }
}
