//! Periodic work in the background.

use crate::Roster;
use crate::failed_attempts::Pending;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// How often due work is checked.
const TICK: Duration = Duration::from_secs(1);

/// How often expired entries are removed.
const SWEEP: SignedDuration = SignedDuration::from_mins(1);

impl Roster {
    /// Writes failed attempts to the audit log when they are due, removes rate-limit entries that have expired, and
    /// deletes expired sessions in batches. Runs until dropped.
    pub async fn run_maintenance(&self) {
        let mut next_sweep = Timestamp::MIN;
        loop {
            // Waits for a tick, or less if a failed attempt is urgent.
            let _ = tokio::time::timeout(TICK, self.failed_attempts().urgent()).await;
            self.write_failed_attempts(Pending::Due).await;
            let now = self.parts().clock.now();
            if now >= next_sweep {
                self.limits().sweep(now);
                if !self.has_more_sessions_to_sweep().await {
                    next_sweep = now.saturating_add(SWEEP).unwrap_or(Timestamp::MAX);
                }
            }
        }
    }

    async fn has_more_sessions_to_sweep(&self) -> bool {
        match self.sweep_sessions().await {
            Ok(swept) => swept.may_be_more,
            Err(error) => {
                tracing::warn!(%error, "could not delete expired sessions; retrying later");
                false
            }
        }
    }

    /// Writes all remaining failed attempts to the audit log. Call it last, before the store is closed.
    pub async fn finish(&self) {
        self.write_failed_attempts(Pending::All).await;
    }
}
