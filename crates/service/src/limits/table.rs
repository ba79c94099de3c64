//! A table with a fixed capacity.

use super::micros::Micros;
use std::collections::{BTreeSet, HashMap};

/// A value of a [`Table`].
pub(super) trait Tracked: Default {
    /// The importance of the value. The least important is evicted first.
    type Rank: Copy + Ord;

    fn rank(&self) -> Self::Rank;

    /// Whether the value no longer has an effect.
    fn is_expired(&self, now: Micros) -> bool;
}

/// Values by the digest of their key. A full table evicts the value with the lowest rank, so that a client with many
/// failures cannot get its entry evicted by creating many entries with few.
pub(super) struct Table<V: Tracked> {
    values: HashMap<u64, V>,
    ranks: BTreeSet<(V::Rank, u64)>,
    capacity: usize,
}

impl<V: Tracked> Table<V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { values: HashMap::new(), ranks: BTreeSet::new(), capacity: capacity.max(1) }
    }

    pub(super) fn get(&self, key: u64) -> Option<&V> {
        self.values.get(&key)
    }

    /// Changes the value of `key`; starts with the default if there is none.
    pub(super) fn update(&mut self, key: u64, change: impl FnOnce(&mut V)) {
        let mut value = self.remove(key).unwrap_or_default();
        change(&mut value);
        if self.values.len() >= self.capacity
            && let Some((_, least)) = self.ranks.pop_first()
        {
            self.values.remove(&least);
        }
        self.ranks.insert((value.rank(), key));
        self.values.insert(key, value);
    }

    /// Changes every value.
    pub(super) fn update_all(&mut self, change: impl Fn(&mut V)) {
        self.values.values_mut().for_each(change);
        self.ranks = self.values.iter().map(|(key, value)| (value.rank(), *key)).collect();
    }

    /// Changes the capacity. Evicts the values that no longer fit, the lowest rank first.
    pub(super) fn resize(&mut self, capacity: usize) {
        self.capacity = capacity.max(1);
        while self.values.len() > self.capacity
            && let Some((_, least)) = self.ranks.pop_first()
        {
            self.values.remove(&least);
        }
    }

    pub(super) fn remove(&mut self, key: u64) -> Option<V> {
        let value = self.values.remove(&key)?;
        self.ranks.remove(&(value.rank(), key));
        Some(value)
    }

    /// The keys of the values that match. Scans the whole table.
    pub(super) fn keys_of(&self, is_wanted: impl Fn(&V) -> bool) -> Vec<u64> {
        self.values.iter().filter(|(_, value)| is_wanted(value)).map(|(key, _)| *key).collect()
    }

    /// Removes the values that no longer have an effect.
    pub(super) fn sweep(&mut self, now: Micros) {
        for key in self.keys_of(|value| value.is_expired(now)) {
            self.remove(key);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Weight(u32);

    impl Tracked for Weight {
        type Rank = u32;

        fn rank(&self) -> u32 {
            self.0
        }

        fn is_expired(&self, _: Micros) -> bool {
            self.0 == 0
        }
    }

    #[test]
    fn many_low_ranks_do_not_evict_a_high_one() {
        let mut table = Table::new(8);
        table.update(u64::MAX, |weight: &mut Weight| weight.0 = 9);
        for key in 0..1_000 {
            table.update(key, |weight| weight.0 += 1);
            assert!(table.len() <= 8);
        }
        assert_eq!(table.get(u64::MAX).map(|weight| weight.0), Some(9));
        assert!(table.get(999).is_some(), "the newest is kept, however low its rank");
    }

    #[test]
    fn shrinking_keeps_the_highest_ranks() {
        let mut table = Table::new(8);
        for key in 0..8_u32 {
            table.update(key.into(), |weight: &mut Weight| weight.0 = key);
        }
        table.update_all(|weight| weight.0 = 7 - weight.0);
        table.resize(2);
        assert_eq!((table.len(), table.ranks.len()), (2, 2));
        assert!(table.get(0).is_some() && table.get(1).is_some());
    }

    #[test]
    fn a_sweep_keeps_values_that_have_an_effect() {
        let mut table = Table::new(8);
        table.update(1, |weight: &mut Weight| weight.0 = 1);
        table.update(2, |_| {});
        table.sweep(0);
        assert_eq!((table.len(), table.ranks.len(), table.get(1).is_some()), (1, 1, true));
    }
}
