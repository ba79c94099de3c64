//! What is being done already, so that nobody else begins it.

use parking_lot::Mutex;
use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

/// The keys of what is under way.
#[derive(Debug)]
pub(crate) struct InFlight<K>(Arc<Mutex<HashSet<K>>>);

/// One of them. It is over when this is dropped, however that comes about.
#[derive(Debug)]
pub(crate) struct Turn<K: Eq + Hash> {
    key: K,
    all: Arc<Mutex<HashSet<K>>>,
}

impl<K: Copy + Eq + Hash> InFlight<K> {
    /// Begins it; `None` if somebody else is at it.
    pub(crate) fn begin(&self, key: K) -> Option<Turn<K>> {
        let is_new = self.0.lock().insert(key);
        is_new.then(|| Turn { key, all: Arc::clone(&self.0) })
    }
}

impl<K> Default for InFlight<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Eq + Hash> Drop for Turn<K> {
    fn drop(&mut self) {
        self.all.lock().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_is_at_it_until_their_turn_is_over() {
        let in_flight = InFlight::default();
        let turn = in_flight.begin(7);
        assert!(turn.is_some() && in_flight.begin(7).is_none() && in_flight.begin(8).is_some());
        drop(turn);
        assert!(in_flight.begin(7).is_some());
    }
}
