//! When keys were last used: written down now and then, never waited for.

use crate::Roster;
use jiff::{SignedDuration, Timestamp};
use roster_domain::{ApiKey, ServiceAccount};
use roster_storage::{Maintenance, UnitOfWork};
use std::sync::Arc;

/// How much later a use must be than the last one that was written down.
const PRECISION: SignedDuration = SignedDuration::from_mins(1);

impl Roster {
    /// Notes that a key is in use, at most once a minute, in a task of its own.
    pub(super) fn note_key_use(&self, account: &Arc<ServiceAccount>, key: &ApiKey, now: Timestamp) {
        let is_due = key.last_used_at.is_none_or(|last| now.duration_since(last) >= PRECISION);
        let Some(guard) = is_due.then(|| self.key_uses().begin(key.id)).flatten() else { return };
        let (store, id) = (Arc::clone(&self.parts().store), key.id);
        let before = account.last_used_at();
        let after = Arc::new((**account).clone().used(id, now));
        tokio::spawn(async move {
            // Of one that failed, or was overtaken by a change, the next use tells.
            if let Err(error) =
                store.commit(UnitOfWork::maintenance(Maintenance::ApiKeyUsed { before, after })).await
            {
                tracing::debug!(%error, key = %id, "the use of an API key was not written down");
            }
            drop(guard);
        });
    }
}
