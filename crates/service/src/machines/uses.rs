//! When keys were last used: written down now and then, never waited for.

use crate::Roster;
use jiff::{SignedDuration, Timestamp};
use roster_domain::{ApiKey, ApiKeyId, ServiceAccount};
use roster_storage::{UnitOfWork, Upkeep};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// How much later a use must be than the last one that was written down.
const PRECISION: SignedDuration = SignedDuration::from_mins(1);

/// The keys whose use is being written down.
#[derive(Debug, Default)]
pub(crate) struct KeyUses(Mutex<HashSet<ApiKeyId>>);

impl KeyUses {
    /// Whether nobody else is at it; from now on, somebody is.
    fn begin(&self, key: ApiKeyId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key)
    }

    fn end(&self, key: ApiKeyId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
    }
}

impl Roster {
    /// Notes that a key is in use, at most once a minute, in a task of its own.
    pub(super) fn note_key_use(&self, account: &Arc<ServiceAccount>, key: &ApiKey, now: Timestamp) {
        let is_news = key.last_used_at.is_none_or(|last| now.duration_since(last) >= PRECISION);
        if !is_news || !self.key_uses().begin(key.id) {
            return;
        }
        let (store, uses, id) = (Arc::clone(&self.parts().store), Arc::clone(self.key_uses()), key.id);
        let before = account.last_used_at();
        let after = Arc::new((**account).clone().used(id, now));
        tokio::spawn(async move {
            // Of one that failed, or was overtaken by a change, the next use tells.
            if let Err(error) = store.commit(UnitOfWork::upkeep(Upkeep::ApiKeyUsed { before, after })).await {
                tracing::debug!(%error, key = %id, "the use of an API key was not written down");
            }
            uses.end(id);
        });
    }
}
