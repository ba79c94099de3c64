//! Counts users, sessions and imported hashes, so that the metrics need not.

use std::sync::atomic::{AtomicI64, Ordering};

use roster_domain::{ImportedHash, ImportedHashCounts};

/// How many rows a transaction added and removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) users: i64,
    pub(crate) sessions: i64,
    pub(crate) weak_hashes: i64,
    pub(crate) peppered_hashes: i64,
}

/// How many there are.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    users: AtomicI64,
    sessions: AtomicI64,
    weak_hashes: AtomicI64,
    peppered_hashes: AtomicI64,
}

impl Tally {
    pub(crate) const fn add_user(&mut self) {
        self.users += 1;
    }

    pub(crate) const fn remove_user(&mut self) {
        self.users -= 1;
    }

    pub(crate) const fn add_hash(&mut self, hash: Option<ImportedHash>) {
        self.count_hash(hash, 1);
    }

    pub(crate) const fn remove_hash(&mut self, hash: Option<ImportedHash>) {
        self.count_hash(hash, -1);
    }

    const fn count_hash(&mut self, hash: Option<ImportedHash>, by: i64) {
        match hash {
            Some(ImportedHash::Weak) => self.weak_hashes += by,
            Some(ImportedHash::Peppered) => self.peppered_hashes += by,
            None => {}
        }
    }

    pub(crate) const fn add_session(&mut self) {
        self.sessions += 1;
    }

    pub(crate) fn remove_sessions(&mut self, count: usize) {
        self.sessions -= i64::try_from(count).unwrap_or(0);
    }
}

impl Totals {
    /// Counts what a committed transaction did.
    pub(crate) fn add(&self, tally: Tally) {
        self.users.fetch_add(tally.users, Ordering::Relaxed);
        self.sessions.fetch_add(tally.sessions, Ordering::Relaxed);
        self.weak_hashes.fetch_add(tally.weak_hashes, Ordering::Relaxed);
        self.peppered_hashes.fetch_add(tally.peppered_hashes, Ordering::Relaxed);
    }

    pub(crate) fn users(&self) -> usize {
        usize::try_from(self.users.load(Ordering::Relaxed)).unwrap_or(0)
    }

    pub(crate) fn sessions(&self) -> usize {
        usize::try_from(self.sessions.load(Ordering::Relaxed)).unwrap_or(0)
    }

    pub(crate) fn imported_hashes(&self) -> ImportedHashCounts {
        let number = |count: &AtomicI64| u64::try_from(count.load(Ordering::Relaxed)).unwrap_or(0);
        ImportedHashCounts { weak: number(&self.weak_hashes), peppered: number(&self.peppered_hashes) }
    }
}
