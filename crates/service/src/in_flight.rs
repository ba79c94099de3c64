//! Operations in progress, so that each runs only once at a time.

use parking_lot::Mutex;
use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

/// The keys of the operations in progress.
#[derive(Debug)]
pub(crate) struct InFlight<K>(Arc<Mutex<HashSet<K>>>);

/// An operation in progress. It ends when this guard is dropped.
#[derive(Debug)]
pub(crate) struct InFlightGuard<K: Eq + Hash> {
    key: K,
    all: Arc<Mutex<HashSet<K>>>,
}

impl<K: Copy + Eq + Hash> InFlight<K> {
    /// Begins the operation `key`; `None` if it is in progress.
    pub(crate) fn begin(&self, key: K) -> Option<InFlightGuard<K>> {
        let is_new = self.0.lock().insert(key);
        is_new.then(|| InFlightGuard { key, all: Arc::clone(&self.0) })
    }
}

impl<K> Default for InFlight<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Eq + Hash> Drop for InFlightGuard<K> {
    fn drop(&mut self) {
        self.all.lock().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_cannot_begin_again_until_its_guard_is_dropped() {
        let in_flight = InFlight::default();
        let guard = in_flight.begin(7);
        assert!(guard.is_some() && in_flight.begin(7).is_none() && in_flight.begin(8).is_some());
        drop(guard);
        assert!(in_flight.begin(7).is_some());
    }
}
