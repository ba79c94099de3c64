//! The health checks of the server.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use roster_auth::password::HashPool;
use roster_http::{HealthCheck, HealthProbe};
use roster_service::Roster;
use roster_storage::StoreError;
use tokio::time::{sleep, timeout};

use crate::app::App;

/// The pause between two checks of the store.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// How long a check of the store may take. A store that takes longer counts as unhealthy until it responds.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// The results that the health routes report.
pub(crate) struct Readiness {
    roster: Arc<Roster>,
    hash_pool: Arc<HashPool>,
    /// The result of the last check. A task updates it, because a test write takes too long for a probe.
    store: AtomicBool,
}

impl Readiness {
    /// Checks the store now, then a second after each check until the runtime stops.
    pub(crate) async fn watch(app: &App) -> Arc<Self> {
        let (roster, hash_pool) = (app.roster.clone(), app.hash_pool.clone());
        let readiness = Arc::new(Self { roster, hash_pool, store: AtomicBool::new(true) });
        // The start does not wait for a store that does not respond.
        match timeout(CHECK_TIMEOUT, readiness.roster.ready()).await {
            Ok(outcome) => readiness.report(outcome),
            Err(_) => readiness.report_silence(),
        }
        let checked = readiness.clone();
        tokio::spawn(async move {
            loop {
                sleep(CHECK_INTERVAL).await;
                checked.check_store().await;
            }
        });
        readiness
    }

    /// Waits for a slow check: the engine may be looking for another server, which takes as long as its settings allow.
    async fn check_store(&self) {
        let mut check = pin!(self.roster.ready());
        if let Ok(outcome) = timeout(CHECK_TIMEOUT, &mut check).await {
            self.report(outcome);
        } else {
            self.report_silence();
            self.report(check.await);
        }
    }

    fn report(&self, outcome: Result<(), StoreError>) {
        let was_healthy = self.store.swap(outcome.is_ok(), Ordering::Relaxed);
        match outcome {
            Ok(()) if !was_healthy => tracing::info!("the store accepts writes again"),
            Err(error) if was_healthy => {
                let error = crate::terminal::chain(&error.into());
                tracing::error!(
                    error,
                    "the store does not accept writes; /health and /health/ready respond with 503 until it does"
                );
            }
            Ok(()) | Err(_) => {}
        }
    }

    fn report_silence(&self) {
        if self.store.swap(false, Ordering::Relaxed) {
            tracing::error!(
                "the store does not respond; /health and /health/ready respond with 503 until it does"
            );
        }
    }
}

impl HealthProbe for Readiness {
    fn checks(&self) -> Vec<HealthCheck> {
        vec![
            HealthCheck { name: "store", healthy: self.store.load(Ordering::Relaxed) },
            HealthCheck { name: "keys", healthy: self.roster.can_sign() },
            HealthCheck { name: "hashing", healthy: self.hash_pool.is_open() },
        ]
    }
}
