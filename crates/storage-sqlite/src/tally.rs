//! Counts users and sessions, so that the metrics need not.

use std::sync::atomic::{AtomicI64, Ordering};

/// How many rows a transaction added and removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    users: i64,
    sessions: i64,
}

/// How many there are.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    users: AtomicI64,
    sessions: AtomicI64,
}

impl Tally {
    /// The rows of a store.
    pub(crate) const fn new(users: i64, sessions: i64) -> Self {
        Self { users, sessions }
    }

    pub(crate) const fn add_user(&mut self) {
        self.users += 1;
    }

    pub(crate) const fn remove_user(&mut self) {
        self.users -= 1;
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
    }

    pub(crate) fn users(&self) -> usize {
        usize::try_from(self.users.load(Ordering::Relaxed)).unwrap_or(0)
    }

    pub(crate) fn sessions(&self) -> usize {
        usize::try_from(self.sessions.load(Ordering::Relaxed)).unwrap_or(0)
    }
}
