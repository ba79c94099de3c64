//! What a scrape shows, gathered from the crates that count.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use roster_auth::password::{HashObserver, HashPool};
use roster_http::MetricsSource;
use roster_service::{LimitScope, LoginOutcome, RefreshOutcome, Roster};
use roster_storage_json::{CommitObserver, JsonStore};
use roster_telemetry::logs::DroppedLines;
use roster_telemetry::metrics::{
    AccountState, Durations, HashPoolState, HashTimes, HttpMetrics, KeyRingState, LimitState, MetricsError,
    Registry, StoreState,
};

use crate::app::{App, Observers};
use crate::keys::KeyMetrics;

/// Everything that `/metrics` shows.
pub(crate) struct Metrics(Registry);

impl Metrics {
    /// A registry of this version, with what the log has lost.
    ///
    /// # Errors
    /// If a name is taken, here as below a fault of the program.
    pub(crate) fn new(dropped_lines: DroppedLines) -> Result<Self, MetricsError> {
        let registry = Registry::new(env!("CARGO_PKG_VERSION"))?;
        registry.log(dropped_lines)?;
        Ok(Self(registry))
    }

    /// What the store and the pool report their times to.
    ///
    /// # Errors
    /// If a name is taken.
    pub(crate) fn observers(&self) -> Result<Observers, MetricsError> {
        let commits = Arc::new(CommitTimes(self.0.commit_times()?));
        let hashes = Arc::new(HashJobs(self.0.hash_times()?));
        Ok(Observers { commits: Some(commits), hashes })
    }

    /// Shows the keys.
    ///
    /// # Errors
    /// If a name is taken.
    pub(crate) fn show_keys(&self, keys: Arc<KeyMetrics>) -> Result<(), MetricsError> {
        self.0.signing_keys(move || KeyRingState {
            keys: keys.states(),
            reloads: keys.reloads(),
            failures: keys.failures(),
            failed: keys.failed(),
        })
    }

    /// Shows what the application counts, and returns what counts requests.
    ///
    /// # Errors
    /// If a name is taken.
    pub(crate) fn show(&self, app: &App) -> Result<HttpMetrics, MetricsError> {
        let (limited, roster) = (app.roster.clone(), app.roster.clone());
        let (pool, store) = (app.hash_pool.clone(), app.store.clone());
        self.0.limits(move || limits(&limited))?;
        self.0.accounts(move || accounts(&roster))?;
        self.0.hash_pool(move || hashes(&pool))?;
        self.0.store(move || stored(&store))?;
        HttpMetrics::register(&self.0)
    }
}

fn limits(roster: &Roster) -> LimitState {
    let limits = roster.limits();
    let refused = LimitScope::ALL.map(|scope| (scope.as_str(), limits.limited(scope)));
    LimitState { refused: refused.into(), entries: limits.entries() as u64 }
}

fn accounts(roster: &Roster) -> AccountState {
    let counters = roster.counters();
    let logins = LoginOutcome::ALL.map(|outcome| (outcome.as_str(), counters.logins(outcome)));
    let refreshes = RefreshOutcome::ALL.map(|outcome| (outcome.as_str(), counters.refreshes(outcome)));
    AccountState {
        logins: logins.into(),
        refreshes: refreshes.into(),
        registrations: counters.registrations(),
    }
}

fn hashes(pool: &HashPool) -> HashPoolState {
    let stats = pool.stats();
    HashPoolState {
        waiting: stats.queued as u64,
        running: stats.in_flight as u64,
        refused: stats.refused,
        skipped: stats.skipped,
    }
}

fn stored(store: &JsonStore) -> StoreState {
    let metrics = store.metrics();
    StoreState {
        users: store.user_count() as u64,
        sessions: store.session_count() as u64,
        commits: metrics.commits,
        conflicts: metrics.conflicts,
        failures: metrics.failures,
        syncs: metrics.syncs,
        written_bytes: metrics.bytes_written,
        journal_bytes: metrics.journal_bytes,
        snapshots: metrics.snapshots,
        snapshot_failures: metrics.snapshot_failures,
    }
}

impl MetricsSource for Metrics {
    fn metrics(&self) -> Result<String, Box<dyn Error + Send + Sync>> {
        Ok(self.0.encode()?)
    }
}

struct CommitTimes(Durations);

impl CommitObserver for CommitTimes {
    fn committed(&self, latency: Duration) {
        self.0.observe(latency);
    }
}

struct HashJobs(HashTimes);

impl HashObserver for HashJobs {
    fn waited(&self, wait: Duration) {
        self.0.wait.observe(wait);
    }

    fn ran(&self, took: Duration) {
        self.0.run.observe(took);
    }

    /// The pool counts these itself.
    fn refused(&self) {}
}
