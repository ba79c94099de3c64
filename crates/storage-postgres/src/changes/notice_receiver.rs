//! Applies the notices that a connection receives.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use parking_lot::Mutex;
use roster_storage::Invalidate;
use tokio::sync::Notify;

use super::message::apply;
use crate::connection::Notices;
use crate::metrics::Counters;

/// Applies the notices that a connection receives, on the task that drives it.
pub(super) struct NoticeReceiver {
    cache: Arc<dyn Invalidate>,
    counters: Arc<Counters>,
    /// The server process of the connection, which also receives its own messages.
    own: AtomicI32,
    ended: Notify,
    /// Why the last connection has ended.
    reason: Mutex<String>,
}

/// No server process has this number.
const NONE: i32 = 0;

impl NoticeReceiver {
    pub(super) fn new(cache: Arc<dyn Invalidate>, counters: Arc<Counters>) -> Self {
        Self { cache, counters, own: AtomicI32::new(NONE), ended: Notify::new(), reason: Mutex::default() }
    }

    /// A connection begins, with this server process if it is known.
    pub(super) fn begin(&self, own: Option<i32>) {
        self.own.store(own.unwrap_or(NONE), Ordering::Relaxed);
    }

    /// Anything may have changed without a message.
    pub(super) fn forget(&self) {
        self.counters.notices.increment();
        self.cache.invalidate_all();
    }

    /// Returns the reason once a connection has ended: this one, or an earlier one whose end was not awaited.
    pub(super) async fn ended(&self) -> String {
        self.ended.notified().await;
        self.reason.lock().clone()
    }
}

impl Notices for NoticeReceiver {
    fn notice(&self, sender: i32, payload: &str) {
        if sender != self.own.load(Ordering::Relaxed) {
            self.counters.notices.increment();
            apply(payload, &*self.cache);
        }
    }

    fn ended(&self, reason: &str) {
        reason.clone_into(&mut self.reason.lock());
        self.ended.notify_one();
    }
}
