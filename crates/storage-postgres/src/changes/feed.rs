//! The handle of the task that sends and hears changes.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use parking_lot::Mutex;
use roster_storage::{Entity, Invalidate};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::listener::Listener;
use super::notice_receiver::NoticeReceiver;
use super::shared::Shared;
use crate::error::OpenError;
use crate::metrics::Counters;
use crate::settings::PostgresStoreSettings;

/// Tells the other servers at the database what has changed, and a cache what the others have changed.
///
/// It has a connection of its own. When that is lost, the cache is cleared, since notices may be missed from then on; once
/// it listens again, the cache is cleared again, since notices may have been missed until then. Dropping the feed ends it
/// at once.
pub(crate) struct ChangeFeed {
    shared: Arc<Shared>,
    /// `None` once it is closed.
    task: Mutex<Option<JoinHandle<()>>>,
}

/// How long a closing feed may take to send what is left.
const LAST_MESSAGES: Duration = Duration::from_secs(2);

impl ChangeFeed {
    /// Begins to tell the other servers at the database what has changed, and `cache` what they have changed.
    ///
    /// # Errors
    /// [`OpenError::Tls`]. A database that does not answer is tried again.
    pub(crate) async fn start(
        settings: &PostgresStoreSettings,
        cache: Arc<dyn Invalidate>,
        counters: Arc<Counters>,
    ) -> Result<Self, OpenError> {
        let shared = Arc::<Shared>::default();
        let receiver = NoticeReceiver::new(cache, counters);
        let listener = Listener::new(settings, receiver, shared.clone()).await?;
        let task = settings.runtime().spawn(listener.run());
        Ok(Self { shared, task: Mutex::new(Some(task)) })
    }

    /// These entities may have changed.
    pub(crate) fn announce(&self, changed: &[Entity]) {
        self.shared.outbox.add(changed);
    }

    /// Whether changes of other servers are heard at the moment. While they are not, entries of the cache are only
    /// bounded by their age.
    pub(crate) fn is_listening(&self) -> bool {
        self.shared.is_listening.load(Ordering::Acquire)
    }

    /// Sends what is left, and ends.
    pub(crate) async fn close(&self) {
        let Some(mut task) = self.task.lock().take() else { return };
        self.shared.is_closing.store(true, Ordering::Release);
        self.shared.closing.notify_one();
        if timeout(LAST_MESSAGES, &mut task).await.is_err() {
            task.abort();
        }
    }
}

impl Drop for ChangeFeed {
    fn drop(&mut self) {
        if let Some(task) = self.task.get_mut().take() {
            task.abort();
        }
    }
}
