//! Records when API keys were last used.

use crate::Roster;
use jiff::{SignedDuration, Timestamp};
use roster_domain::{ApiKey, ServiceAccount};
use roster_storage::{Maintenance, UnitOfWork};
use std::sync::Arc;

/// The minimum time between two recorded uses of a key.
const PRECISION: SignedDuration = SignedDuration::from_mins(1);

impl Roster {
    /// Records the use of a key, at most once a minute. Writes in a task of its own, so that the request does not wait.
    pub(super) fn note_key_use(&self, account: &Arc<ServiceAccount>, key: &ApiKey, now: Timestamp) {
        let is_due = key.last_used_at.is_none_or(|last| now.duration_since(last) >= PRECISION);
        let Some(guard) = is_due.then(|| self.key_uses().begin(key.id)).flatten() else { return };
        let (store, id) = (Arc::clone(&self.parts().store), key.id);
        let before = account.last_used_at();
        let after = Arc::new((**account).clone().used(id, now));
        tokio::spawn(async move {
            // If this fails or conflicts with a change, the next use is recorded instead.
            if let Err(error) =
                store.commit(UnitOfWork::maintenance(Maintenance::ApiKeyUsed { before, after })).await
            {
                tracing::debug!(%error, key = %id, "could not record the use of an API key");
            }
            drop(guard);
        });
    }
}
