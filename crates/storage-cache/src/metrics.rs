//! Counters that can be read at any time.

use std::sync::atomic::{AtomicU64, Ordering};

/// What the cache has done since it was created, and what it holds now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheMetrics {
    /// Users by id.
    pub users: KindMetrics,
    /// Sessions with their users.
    pub sessions: KindMetrics,
    /// Service accounts by id or by the prefix of a key.
    pub service_accounts: KindMetrics,
    /// Entities that were changed here or by another server. Most of them are not in the cache at that time.
    pub invalidations: u64,
    /// How often the whole cache was cleared.
    pub clears: u64,
}

/// The entries of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KindMetrics {
    /// Reads that the cache answered.
    pub hits: u64,
    /// Reads that the store answered.
    pub misses: u64,
    /// Entries. Some of them may be too old to be used.
    pub entries: u64,
    /// The size of the entries in bytes, estimated.
    pub bytes: u64,
}

/// The counters while they are counted.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) users: Reads,
    pub(crate) sessions: Reads,
    pub(crate) service_accounts: Reads,
    pub(crate) invalidations: Counter,
    pub(crate) clears: Counter,
}

/// The reads of one kind. Each kind has a cache line of its own, since several threads count all the time.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(crate) struct Reads {
    pub(crate) hits: Counter,
    pub(crate) misses: Counter,
}

/// A number that only increases. There is no ordering between counters.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Reads {
    /// The counters, with entries that the caller knows.
    pub(crate) fn with_entries(&self, entries: u64, bytes: u64) -> KindMetrics {
        KindMetrics { hits: self.hits.get(), misses: self.misses.get(), entries, bytes }
    }
}
