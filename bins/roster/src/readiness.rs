//! Whether the server can do its work, as far as is known.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use roster_auth::password::HashPool;
use roster_http::{HealthCheck, HealthProbe};
use roster_service::Roster;
use tokio::time::{sleep, timeout};

use crate::app::App;

/// How old what is known of the store may be.
const INTERVAL: Duration = Duration::from_secs(1);

/// How long the start waits until it knows whether the store takes a write.
const FIRST_CHECK: Duration = Duration::from_secs(2);

/// What the health routes say.
pub(crate) struct Readiness {
    roster: Arc<Roster>,
    hash_pool: Arc<HashPool>,
    /// Probes read it; a task keeps it fresh, since to try a write takes time.
    store: AtomicBool,
}

impl Readiness {
    /// Tries the store, and goes on doing so every second for as long as the runtime lasts. A store that does not answer
    /// counts as one that does not work.
    pub(crate) async fn watch(app: &App) -> Arc<Self> {
        let (roster, hash_pool) = (app.roster.clone(), app.hash_pool.clone());
        let readiness = Arc::new(Self { roster, hash_pool, store: AtomicBool::new(true) });
        if timeout(FIRST_CHECK, readiness.try_store()).await.is_err() {
            readiness.store.store(false, Ordering::Relaxed);
            tracing::error!("the store does not answer; /health/ready says 503 until it does");
        }
        let known = readiness.clone();
        tokio::spawn(async move {
            loop {
                sleep(INTERVAL).await;
                known.try_store().await;
            }
        });
        readiness
    }

    async fn try_store(&self) {
        let outcome = self.roster.ready().await;
        let was_well = self.store.swap(outcome.is_ok(), Ordering::Relaxed);
        match outcome {
            Ok(()) if !was_well => tracing::info!("the store works again"),
            Err(error) if was_well => {
                let error = crate::terminal::chain(&error.into());
                tracing::error!(
                    error,
                    "the store takes no writes; /health and /health/ready say 503 until it does"
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
