//! Servers that share the database tell each other what has changed.

use std::sync::Arc;

use roster_storage::{Announce, Entity, Invalidate};

use crate::changes::ChangeFeed;
use crate::connection::Pooler;
use crate::error::OpenError;
use crate::store::PostgresStore;

impl PostgresStore {
    /// From now on, `cache` hears what the other servers change, and they hear what is [announced](Announce) here.
    ///
    /// This has a connection of its own. When that is lost, the cache is cleared, since notices may be missed from then on;
    /// once it is there again, the cache is cleared again, since notices may have been missed until then. In between, the
    /// age of the entries is the only bound. A second call has no effect. Behind a pooler in
    /// [transaction mode](Pooler::Transaction) nothing is shared, since a connection there cannot listen.
    ///
    /// # Errors
    /// [`OpenError::Tls`]. A database that does not answer is tried again.
    pub async fn share_changes(&self, cache: Arc<dyn Invalidate>) -> Result<(), OpenError> {
        if self.settings.pooler == Pooler::Transaction {
            tracing::warn!(
                "behind a pooler in transaction mode, changes by other servers are not heard; entries of the read cache \
                 live until they are too old"
            );
            return Ok(());
        }
        let changes = ChangeFeed::start(&self.settings, cache, self.database.shared_counters()).await?;
        // If there is one already, the new one ends here.
        let _ = self.changes.set(changes);
        Ok(())
    }

    /// Whether the changes of other servers are heard at the moment; `None` if they are not [shared](Self::share_changes).
    #[must_use]
    pub fn hears_changes(&self) -> Option<bool> {
        self.changes.get().map(ChangeFeed::is_listening)
    }

    /// Closes the store after the other servers were told what has changed here.
    pub async fn finish(&self) {
        if let Some(changes) = self.changes.get() {
            changes.close().await;
        }
        self.close();
    }
}

impl Announce for PostgresStore {
    fn announce(&self, changed: &[Entity]) {
        if let Some(changes) = self.changes.get() {
            changes.announce(changed);
        }
    }
}
