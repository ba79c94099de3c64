//! What has to be done without being asked for.

use crate::Roster;
use crate::failed_attempts::Pending;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// How often it is looked what is due.
const TICK: Duration = Duration::from_secs(1);

/// How often what no longer counts is forgotten.
const SWEEP: SignedDuration = SignedDuration::from_mins(1);

impl Roster {
    /// Writes failed attempts to the audit log as they fall due, forgets what no longer counts against anybody, and
    /// sweeps expired sessions, some at a time. It does not end: somebody polls it for as long as requests are served.
    pub async fn run_maintenance(&self) {
        let mut next_sweep = Timestamp::MIN;
        loop {
            // Either will do.
            let _ = tokio::time::timeout(TICK, self.failed_attempts().urgent()).await;
            self.write_failed_attempts(Pending::Due).await;
            let now = self.parts().clock.now();
            if now >= next_sweep {
                self.limits().sweep(now);
                if !self.more_sessions_to_sweep().await {
                    next_sweep = now.saturating_add(SWEEP).unwrap_or(Timestamp::MAX);
                }
            }
        }
    }

    async fn more_sessions_to_sweep(&self) -> bool {
        match self.sweep_sessions().await {
            Ok(swept) => swept.may_be_more,
            Err(error) => {
                tracing::warn!(%error, "expired sessions were not swept; that is tried again");
                false
            }
        }
    }

    /// Writes down what is not yet in the audit log: the last thing before the store is closed.
    pub async fn finish(&self) {
        self.write_failed_attempts(Pending::All).await;
    }
}
