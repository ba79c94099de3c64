//! A table that never outgrows its capacity.

use super::micros::Micros;
use std::collections::{BTreeSet, HashMap};

/// What a [`Table`] keeps.
pub(super) trait Tracked: Default {
    /// How much would be lost if it were forgotten.
    type Rank: Copy + Ord;

    fn rank(&self) -> Self::Rank;

    /// Whether nothing would be lost any more.
    fn is_spent(&self, now: Micros) -> bool;
}

/// Values by the digest of what they are about. When it is full, the value of the least rank makes room: who
/// has much on record cannot wash it out with many who have little.
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

    /// Changes the value of `key`, which is the default if there is none yet.
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
    pub(super) fn revise(&mut self, change: impl Fn(&mut V)) {
        self.values.values_mut().for_each(change);
        self.ranks = self.values.iter().map(|(key, value)| (value.rank(), *key)).collect();
    }

    /// Gives it another capacity. What no longer fits is forgotten, the least rank first.
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

    /// The keys of the values that are wanted. Looks at every value.
    pub(super) fn keys_of(&self, is_wanted: impl Fn(&V) -> bool) -> Vec<u64> {
        self.values.iter().filter(|(_, value)| is_wanted(value)).map(|(key, _)| *key).collect()
    }

    /// Forgets what is spent.
    pub(super) fn sweep(&mut self, now: Micros) {
        for key in self.keys_of(|value| value.is_spent(now)) {
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

        fn is_spent(&self, _: Micros) -> bool {
            self.0 == 0
        }
    }

    #[test]
    fn many_light_ones_do_not_push_out_a_heavy_one() {
        let mut table = Table::new(8);
        table.update(u64::MAX, |weight: &mut Weight| weight.0 = 9);
        for key in 0..1_000 {
            table.update(key, |weight| weight.0 += 1);
            assert!(table.len() <= 8);
        }
        assert_eq!(table.get(u64::MAX).map(|weight| weight.0), Some(9));
        assert!(table.get(999).is_some(), "the newest is kept, however light");
    }

    #[test]
    fn a_smaller_table_keeps_the_heaviest() {
        let mut table = Table::new(8);
        for key in 0..8_u32 {
            table.update(key.into(), |weight: &mut Weight| weight.0 = key);
        }
        table.revise(|weight| weight.0 = 7 - weight.0);
        table.resize(2);
        assert_eq!((table.len(), table.ranks.len()), (2, 2));
        assert!(table.get(0).is_some() && table.get(1).is_some());
    }

    #[test]
    fn a_sweep_leaves_what_still_counts() {
        let mut table = Table::new(8);
        table.update(1, |weight: &mut Weight| weight.0 = 1);
        table.update(2, |_| {});
        table.sweep(0);
        assert_eq!((table.len(), table.ranks.len(), table.get(1).is_some()), (1, 1, true));
    }
}
