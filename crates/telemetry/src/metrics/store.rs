//! The store.

use super::{Durations, MetricsError, Reading, Registry};

/// Where the state of the store is read; counts are since the start.
pub struct StoreReadings {
    /// Units of work committed.
    pub commits: Reading,
    /// Units of work refused by a guard.
    pub conflicts: Reading,
    /// Syncs of the journal.
    pub syncs: Reading,
    /// Bytes in the journal now.
    pub journal_bytes: Reading,
    /// Snapshots written.
    pub snapshots: Reading,
}

impl StoreReadings {
    /// Registers `roster_store_commits_total`, `roster_store_conflicts_total`, `roster_store_syncs_total`,
    /// `roster_store_snapshots_total`, `roster_store_journal_bytes` and `roster_store_commit_seconds`, and
    /// returns the handle that feeds the last.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if a name is taken.
    pub fn register(self, registry: &Registry) -> Result<Durations, MetricsError> {
        registry.counter("roster_store_commits_total", "Units of work committed.", self.commits)?;
        let conflicts = "Units of work refused because what they relied on had changed.";
        registry.counter("roster_store_conflicts_total", conflicts, self.conflicts)?;
        registry.counter("roster_store_syncs_total", "Syncs of the journal to disk.", self.syncs)?;
        registry.counter("roster_store_snapshots_total", "Snapshots written.", self.snapshots)?;
        registry.gauge("roster_store_journal_bytes", "Size of the journal.", self.journal_bytes)?;
        registry.durations("roster_store_commit_seconds", "From a commit's call to its durable answer.")
    }
}
