//! The health checks of the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use roster_auth::password::HashPool;
use roster_http::{HealthCheck, HealthProbe};
use roster_service::Roster;
use tokio::time::{sleep, timeout};

use crate::app::App;

/// How often the store is checked.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// How long the start waits for the first check of the store.
const FIRST_CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// The results that the health routes report.
pub(crate) struct Readiness {
    roster: Arc<Roster>,
    hash_pool: Arc<HashPool>,
    /// The result of the last check. A task updates it, because a test write takes too long for a probe.
    store: AtomicBool,
}

impl Readiness {
    /// Checks the store now, then every second until the runtime stops. A store that does not respond counts as
    /// unhealthy.
    pub(crate) async fn watch(app: &App) -> Arc<Self> {
        let (roster, hash_pool) = (app.roster.clone(), app.hash_pool.clone());
        let readiness = Arc::new(Self { roster, hash_pool, store: AtomicBool::new(true) });
        if timeout(FIRST_CHECK_TIMEOUT, readiness.check_store()).await.is_err() {
            readiness.store.store(false, Ordering::Relaxed);
            tracing::error!("the store does not respond; /health/ready responds with 503 until it does");
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

    async fn check_store(&self) {
        let outcome = self.roster.ready().await;
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
