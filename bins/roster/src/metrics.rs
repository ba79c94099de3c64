//! Collects the metrics of all crates for `/metrics`.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use roster_auth::password::{HashObserver, HashPool};
use roster_http::MetricsSource;
use roster_service::{LimitScope, LoginOutcome, QuestionOutcome, RefreshOutcome, Roster};
use roster_storage::CommitObserver;
use roster_telemetry::logs::DroppedLines;
use roster_telemetry::metrics::{
    AccountState, Durations, HashPoolState, HashTimes, HttpMetrics, KeyRingState, LimitState, MetricsError,
    Registry,
};

use crate::app::{App, Observers};
use crate::keys::KeyMetrics;

/// The registry behind `/metrics`.
pub(crate) struct Metrics(Registry);

impl Metrics {
    /// Creates a registry with the version and the number of dropped log lines.
    ///
    /// # Errors
    /// If a metric name is registered twice, which is a programming error. The same applies to the other functions.
    pub(crate) fn new(dropped_lines: DroppedLines) -> Result<Self, MetricsError> {
        let registry = Registry::new(env!("CARGO_PKG_VERSION"))?;
        registry.log(dropped_lines)?;
        Ok(Self(registry))
    }

    /// Creates the observers for the store and the hash pool.
    ///
    /// # Errors
    /// If a metric name is registered twice.
    pub(crate) fn observers(&self) -> Result<Observers, MetricsError> {
        let commits = Arc::new(CommitTimes(self.0.commit_times()?));
        let hashes = Arc::new(HashJobs(self.0.hash_times()?));
        Ok(Observers { commits: Some(commits), hashes })
    }

    /// Registers the metrics of the signing keys.
    ///
    /// # Errors
    /// If a metric name is registered twice.
    pub(crate) fn register_keys(&self, keys: Arc<KeyMetrics>) -> Result<(), MetricsError> {
        self.0.signing_keys(move || KeyRingState {
            keys: keys.states(),
            reloads: keys.reloads(),
            failures: keys.failures(),
            failed: keys.failed(),
        })
    }

    /// Registers the metrics of the application, and returns those of HTTP requests.
    ///
    /// # Errors
    /// If a metric name is registered twice.
    pub(crate) fn register_app(&self, app: &App) -> Result<HttpMetrics, MetricsError> {
        let (limited, roster) = (app.roster.clone(), app.roster.clone());
        let (pool, store) = (app.hash_pool.clone(), app.store.clone());
        self.0.limits(move || limits(&limited))?;
        self.0.accounts(move || accounts(&roster))?;
        self.0.hash_pool(move || hashes(&pool))?;
        self.0.store(move || store.state())?;
        if app.store.cache().is_some() {
            let store = app.store.clone();
            self.0.cache(move || store.cache().unwrap_or_default())?;
        }
        HttpMetrics::register(&self.0)
    }
}

fn limits(roster: &Roster) -> LimitState {
    let limits = roster.limits();
    let rejected = LimitScope::ALL.map(|scope| (scope.as_str(), limits.limited(scope)));
    LimitState { rejected: rejected.into(), entries: limits.entries() as u64 }
}

fn accounts(roster: &Roster) -> AccountState {
    let counters = roster.counters();
    let logins = LoginOutcome::ALL.map(|outcome| (outcome.as_str(), counters.logins(outcome)));
    let refreshes = RefreshOutcome::ALL.map(|outcome| (outcome.as_str(), counters.refreshes(outcome)));
    let questions = QuestionOutcome::ALL.map(|outcome| (outcome.as_str(), counters.questions(outcome)));
    AccountState {
        logins: logins.into(),
        refreshes: refreshes.into(),
        registrations: counters.registrations(),
        migration_questions: questions.into(),
        migrations: counters.migrations(),
    }
}

fn hashes(pool: &HashPool) -> HashPoolState {
    let stats = pool.stats();
    HashPoolState {
        waiting: stats.queued as u64,
        running: stats.in_flight as u64,
        rejected: stats.rejected,
        skipped: stats.skipped,
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

    /// Does nothing: the pool counts rejected jobs itself.
    fn rejected(&self) {}
}
