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
        let (mut next_sweep, mut next_shared_sweep) = (Timestamp::MIN, Timestamp::MIN);
        loop {
            // Waits for a tick, or less if a failed attempt is urgent.
            let _ = tokio::time::timeout(TICK, self.failed_attempts().urgent()).await;
            self.write_failed_attempts(Pending::Due).await;
            let now = self.parts().clock.now();
            let later = now.saturating_add(SWEEP).unwrap_or(Timestamp::MAX);
            if now >= next_sweep {
                self.limits().sweep(now);
                next_sweep = later;
            }
            if self.is_sweeper() && now >= next_shared_sweep && !self.has_more_to_sweep(now).await {
                next_shared_sweep = later;
            }
        }
    }

    /// Whether this process, of those that use the store, does the periodic work.
    #[must_use]
    pub fn is_sweeper(&self) -> bool {
        self.store().is_sweeper()
    }

    async fn has_more_to_sweep(&self, now: Timestamp) -> bool {
        if let Err(error) = self.limits().sweep_shared(now).await {
            tracing::warn!(%error, "could not delete expired counts; retrying later");
        }
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
