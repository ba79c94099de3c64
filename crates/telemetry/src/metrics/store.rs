//! The store.

use super::durations::Durations;
use super::error::MetricsError;
use super::pulled::{PulledCollector, Samples};
use super::registry::Registry;

/// The state of the store; counters start when it is opened.
#[derive(Debug, Clone, Copy)]
pub struct StoreState {
    /// The number of users.
    pub users: u64,
    /// The number of sessions.
    pub sessions: u64,
    /// Users whose hash is a fast digest.
    pub weak_hashes: u64,
    /// Users whose hash is verified with a secret in the settings.
    pub peppered_hashes: u64,
    /// Units of work committed.
    pub commits: u64,
    /// Units of work rejected by a guard.
    pub conflicts: u64,
    /// Units of work that failed for another reason, such as a full disk.
    pub failures: u64,
    /// Syncs of the journal.
    pub syncs: u64,
    /// Bytes written to the journal.
    pub written_bytes: u64,
    /// The size of the journal in bytes.
    pub journal_bytes: u64,
    /// Snapshots written.
    pub snapshots: u64,
    /// Snapshots that failed.
    pub snapshot_failures: u64,
}

impl Registry {
    /// Registers `roster_store_commit_seconds` and returns its handle.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if the name is taken.
    pub fn commit_times(&self) -> Result<Durations, MetricsError> {
        self.durations("roster_store_commit_seconds", "Time from the call of a commit to its durable result.")
    }

    /// Registers `roster_users`, `roster_sessions`, `roster_users_with_weak_hash`, `roster_users_with_peppered_hash` and, each as `roster_store_…`: `commits_total`, `conflicts_total`,
    /// `failures_total`, `syncs_total`, `written_bytes_total`, `journal_bytes`, `snapshots_total` and `snapshot_failures_total`, read
    /// at each scrape.
    ///
    /// # Errors
    ///
    /// [`MetricsError`] if a name is taken.
    pub fn store(&self, read: impl Fn() -> StoreState + Send + Sync + 'static) -> Result<(), MetricsError> {
        let conflicts = "Units of work rejected because data they relied on had changed.";
        let failures = "Units of work that failed, for example on a full disk.";
        let snapshot_failures = "Snapshots that failed; each is retried.";
        let weak = "Users whose imported password hash is a fast digest, until their next login.";
        let peppered =
            "Users whose imported password hash needs a secret in the settings, until their next login.";
        let store = PulledCollector::new(read)
            .gauge("roster_users", "Users in the store.", |state: &StoreState| Samples::One(state.users))?
            .gauge("roster_sessions", "Sessions in the store.", |state| Samples::One(state.sessions))?
            .gauge("roster_users_with_weak_hash", weak, |state| Samples::One(state.weak_hashes))?
            .gauge("roster_users_with_peppered_hash", peppered, |state| Samples::One(state.peppered_hashes))?
            .counter("roster_store_commits_total", "Units of work committed.", |state| {
                Samples::One(state.commits)
            })?
            .counter("roster_store_conflicts_total", conflicts, |state| Samples::One(state.conflicts))?
            .counter("roster_store_failures_total", failures, |state| Samples::One(state.failures))?
            .counter("roster_store_syncs_total", "Syncs of the journal.", |state| Samples::One(state.syncs))?
            .counter("roster_store_written_bytes_total", "Bytes of units written to the journal.", |state| {
                Samples::One(state.written_bytes)
            })?
            .gauge("roster_store_journal_bytes", "Size of the journal.", |state| {
                Samples::One(state.journal_bytes)
            })?
            .counter("roster_store_snapshots_total", "Snapshots written.", |state| {
                Samples::One(state.snapshots)
            })?
            .counter("roster_store_snapshot_failures_total", snapshot_failures, |state| {
                Samples::One(state.snapshot_failures)
            })?;
        self.register(store)
    }
}
