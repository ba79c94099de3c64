//! Entries of one kind.

use std::hash::Hash;
use std::time::{Duration, Instant};

use quick_cache::sync::{Cache, DefaultLifecycle, EntryAction, EntryResult, PlaceholderGuard};
use quick_cache::{DefaultHashBuilder, Weighter};

/// Entries of one kind, each valid for a limited time. Bounded by their size; the least used are evicted first.
pub(crate) struct Entries<K, V> {
    cache: Cache<K, Entry<V>, Bytes>,
    ttl: Duration,
}

#[derive(Clone)]
struct Entry<V> {
    value: V,
    /// When the read that it came from began.
    read_at: Instant,
    bytes: u32,
}

/// The result of looking up a key.
pub(crate) enum Slot<'c, K, V> {
    /// A value that may be used.
    Found(V),
    /// No value. The caller reads it and fills the slot.
    Vacant(Vacancy<'c, K, V>),
    /// No value, and another reader is about to fill the slot. The caller reads the value without keeping it: waiting for
    /// the other reader would share its delays and failures.
    Busy,
}

/// The placeholder of a value that is being read. Invalidating the key removes it, and then the value is not kept.
pub(crate) struct Vacancy<'c, K, V> {
    guard: Guard<'c, K, V>,
    began: Instant,
}

type Guard<'c, K, V> =
    PlaceholderGuard<'c, K, Entry<V>, Bytes, DefaultHashBuilder, DefaultLifecycle<K, Entry<V>>>;

impl<K: Clone + Eq + Hash, V: Clone> Entries<K, V> {
    /// Keeps up to `bytes` bytes. `usual` is the usual size of an entry.
    pub(crate) fn new(bytes: u64, usual: u64, ttl: Duration) -> Self {
        let items = usize::try_from(bytes / usual).unwrap_or(usize::MAX).max(1);
        Self { cache: Cache::with_weighter(items, bytes, Bytes), ttl }
    }

    /// The value, if there is one that may be used.
    pub(crate) fn get(&self, key: &K, now: Instant) -> Option<V> {
        self.cache.get(key).filter(|entry| self.is_fresh(entry, now)).map(|entry| entry.value)
    }

    /// The value, or a placeholder for it. A value that is too old or does not pass `is_valid` is removed.
    pub(crate) fn slot(&self, key: &K, now: Instant, is_valid: impl Fn(&V) -> bool) -> Slot<'_, K, V> {
        if self.ttl.is_zero() {
            return Slot::Busy;
        }
        let decide = |_: &K, entry: &mut Entry<V>| {
            if self.is_fresh(entry, now) && is_valid(&entry.value) {
                EntryAction::Retain(entry.value.clone())
            } else {
                EntryAction::ReplaceWithGuard
            }
        };
        match self.cache.entry(key, Some(Duration::ZERO), decide) {
            EntryResult::Retained(value) => Slot::Found(value),
            EntryResult::Vacant(guard) | EntryResult::Replaced(guard, _) => {
                Slot::Vacant(Vacancy { guard, began: now })
            }
            EntryResult::Removed(..) | EntryResult::Timeout => Slot::Busy,
        }
    }

    /// The placeholder for the next value of a key that has one now, which is removed.
    pub(crate) fn replace(&self, key: &K, now: Instant) -> Option<Vacancy<'_, K, V>> {
        let replace = |_: &K, _: &mut Entry<V>| EntryAction::<()>::ReplaceWithGuard;
        match self.cache.entry(key, Some(Duration::ZERO), replace) {
            EntryResult::Replaced(guard, _) => Some(Vacancy { guard, began: now }),
            EntryResult::Vacant(_)
            | EntryResult::Retained(())
            | EntryResult::Removed(..)
            | EntryResult::Timeout => None,
        }
    }

    /// Forgets the value; a read in progress is not kept either.
    pub(crate) fn remove(&self, key: &K) {
        self.cache.remove(key);
    }

    /// Forgets everything; reads in progress are not kept either.
    pub(crate) fn clear(&self) {
        self.cache.clear();
    }

    /// The size of all entries in bytes, about.
    pub(crate) fn bytes(&self) -> u64 {
        self.cache.weight()
    }

    /// The number of entries.
    pub(crate) fn len(&self) -> u64 {
        self.cache.len() as u64
    }

    fn is_fresh(&self, entry: &Entry<V>, now: Instant) -> bool {
        now.saturating_duration_since(entry.read_at) < self.ttl
    }
}

impl<K: Eq + Hash, V: Clone> Vacancy<'_, K, V> {
    /// Keeps the value, unless it was invalidated while it was read.
    pub(crate) fn fill(self, value: V, bytes: usize) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        // An error means that the placeholder was removed.
        let _ = self.guard.insert(Entry { value, read_at: self.began, bytes });
    }
}

/// The size of an entry in bytes.
#[derive(Clone)]
struct Bytes;

impl<K, V> Weighter<K, Entry<V>> for Bytes {
    fn weight(&self, _: &K, entry: &Entry<V>) -> u64 {
        entry.bytes.into()
    }
}
