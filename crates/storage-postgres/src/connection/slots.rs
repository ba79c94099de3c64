//! How many connections the pool may have: as many as the settings say, or fewer while the server refuses more.

use std::mem::replace;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::error::DatabaseError;

/// How long the pool gets on with fewer connections before it asks the server for more again.
const RESPITE: Duration = Duration::from_secs(30);

/// The right to have a connection.
pub(super) type Slot = OwnedSemaphorePermit;

/// The slots of a pool.
pub(super) struct Slots {
    size: usize,
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
    shortage: Mutex<Shortage>,
}

/// What the server has refused.
#[derive(Default)]
struct Shortage {
    /// The slots that are not given away.
    withheld: usize,
    /// When they are given away again, or when that has gone well.
    until: Option<Instant>,
    is_logged: bool,
}

impl Slots {
    /// This many slots.
    pub(super) fn new(size: usize) -> Self {
        let (waiting, shortage) = (AtomicUsize::new(0), Mutex::default());
        Self { size, free: Arc::new(Semaphore::new(size)), waiting, shortage }
    }

    /// How many requests wait for a slot.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Gives no more slots away.
    pub(super) fn close(&self) {
        self.free.close();
    }

    /// Waits for a slot.
    ///
    /// # Errors
    /// [`DatabaseError::Busy`] after `patience`; [`DatabaseError::Closed`].
    pub(super) async fn take(&self, patience: Duration) -> Result<Slot, DatabaseError> {
        self.end_shortage(Instant::now());
        if let Ok(slot) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(slot);
        }
        let _waiting = Waiting::in_line(&self.waiting);
        let taking = timeout(patience, Arc::clone(&self.free).acquire_owned()).await;
        taking.map_err(|_| DatabaseError::Busy(patience))?.map_err(|_| DatabaseError::Closed)
    }

    /// The server has refused a connection for this slot, and there are `existing` ones: from now on, requests wait for
    /// those. `false` if there are none.
    pub(super) fn withhold(&self, slot: Slot, existing: usize, now: Instant) -> bool {
        if existing == 0 {
            return false;
        }
        let mut shortage = self.shortage.lock();
        let surplus = self.size.saturating_sub(existing).saturating_sub(shortage.withheld);
        if surplus > 0 {
            slot.forget();
            shortage.withheld += 1 + self.free.forget_permits(surplus - 1);
        }
        shortage.until = Some(now + RESPITE);
        if !replace(&mut shortage.is_logged, true) {
            tracing::warn!(
                connections = existing,
                pool_size = self.size,
                "PostgreSQL refuses more connections, so requests wait for those that there are; raise the limit of the role, \
                 the database or the server, or lower storage.pool_size"
            );
        }
        true
    }

    /// Gives what was withheld away again after a while. If the server has not refused any of it after another while, the
    /// next shortage is logged.
    fn end_shortage(&self, now: Instant) {
        let mut shortage = self.shortage.lock();
        if shortage.until.is_none_or(|until| now < until) {
            return;
        }
        if shortage.withheld > 0 {
            self.free.add_permits(replace(&mut shortage.withheld, 0));
            shortage.until = Some(now + RESPITE);
        } else {
            *shortage = Shortage::default();
        }
    }
}

/// A request that waits.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn in_line(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(slots: &Slots) -> Slot {
        Arc::clone(&slots.free).try_acquire_owned().unwrap()
    }

    #[test]
    fn refused_connections_are_asked_for_again_after_a_while() {
        let (slots, began) = (Slots::new(5), Instant::now());
        let used = [slot(&slots), slot(&slots)];
        assert!(slots.withhold(slot(&slots), 2, began));
        assert_eq!(slots.free.available_permits(), 0, "only the two that there are");
        drop(used);
        slots.end_shortage(began + RESPITE / 2);
        assert_eq!(slots.free.available_permits(), 2);
        slots.end_shortage(began + RESPITE);
        assert_eq!(slots.free.available_permits(), 5);
        assert!(slots.withhold(slot(&slots), 2, began + RESPITE));
        assert_eq!(slots.free.available_permits(), 2);
    }

    #[test]
    fn several_refusals_withhold_no_slot_twice() {
        let (slots, began) = (Slots::new(5), Instant::now());
        let refused = [slot(&slots), slot(&slots), slot(&slots)];
        for refused in refused {
            assert!(slots.withhold(refused, 3, began));
        }
        assert_eq!(slots.free.available_permits(), 3);
    }

    #[test]
    fn without_a_connection_there_is_nothing_to_wait_for() {
        let slots = Slots::new(2);
        assert!(!slots.withhold(slot(&slots), 0, Instant::now()));
        assert_eq!(slots.free.available_permits(), 2);
    }
}
