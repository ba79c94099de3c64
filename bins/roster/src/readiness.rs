//! Whether the store works, as far as is known.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use roster_http::{HealthCheck, HealthProbe};
use roster_service::Roster;

/// How old what is known may be.
const INTERVAL: Duration = Duration::from_secs(1);

/// What the health routes tell. Probes read it; a task keeps it fresh.
pub(crate) struct Readiness {
    store: AtomicBool,
}

impl Readiness {
    /// Starts the task, which lasts as long as the runtime. The store has just been opened, so it counts as
    /// well until it is asked.
    pub(crate) fn watch(roster: Arc<Roster>) -> Arc<Self> {
        let readiness = Arc::new(Self { store: AtomicBool::new(true) });
        let known = readiness.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(INTERVAL).await;
                known.learn(&roster).await;
            }
        });
        readiness
    }

    async fn learn(&self, roster: &Roster) {
        let outcome = roster.ready().await;
        let was_well = self.store.swap(outcome.is_ok(), Ordering::Relaxed);
        match outcome {
            Ok(()) if !was_well => tracing::info!("the store works again"),
            Err(error) if was_well => {
                let error = crate::terminal::chain(&error.into());
                tracing::error!(error, "the store does not work; /health/ready says so until it does");
            }
            Ok(()) | Err(_) => {}
        }
    }
}

impl HealthProbe for Readiness {
    fn checks(&self) -> Vec<HealthCheck> {
        let store = HealthCheck { name: "store", well: self.store.load(Ordering::Relaxed) };
        // Without a key that signs there is no server that could be asked.
        vec![store, HealthCheck { name: "keys", well: true }]
    }
}
