//! Hashing and verifying at one cost.

use super::floor::Floor;
use crate::Entropy;
use crate::password::hashing::hash_for_equal_timing;
use crate::password::thread_time::thread_time;
use crate::password::{BcryptCost, Password, Peppers, StoredHash, hash_password, needs_rehash};
use roster_domain::PasswordHash;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The result of a verification.
#[derive(Debug)]
pub enum Verification {
    /// The password was right.
    Right {
        /// The hash to store instead, if the stored one is not what Roster would write now.
        replacement: Option<PasswordHash>,
    },
    /// The password was wrong, or there was nothing to verify against.
    Wrong,
}

/// A finished verification.
#[derive(Debug)]
pub struct Checked {
    /// Whether the password was right.
    pub verification: Verification,
    /// When the job left the queue.
    pub started: Instant,
    /// The minimum time from then until the response to a failed login, so that the response time reveals nothing:
    /// [`HashPool::failure_floor`](super::HashPool::failure_floor) for each spelling of the password.
    pub floor: Duration,
}

/// Hashes and verifies at one cost, and measures how long that takes.
pub(super) struct Hasher {
    cost: BcryptCost,
    entropy: Arc<dyn Entropy>,
    peppers: Peppers,
    floor: Floor,
}

impl Hasher {
    pub(super) fn new(cost: BcryptCost, entropy: Arc<dyn Entropy>, peppers: Peppers) -> Self {
        Self { cost, entropy, peppers, floor: Floor::new(cost) }
    }

    pub(super) const fn peppers(&self) -> &Peppers {
        &self.peppers
    }

    pub(super) const fn cost(&self) -> BcryptCost {
        self.cost
    }

    /// Measures one hash, at the same time as all other threads.
    pub(super) fn calibrate(&self) {
        let password = Password::new("calibration".to_owned());
        let before = thread_time();
        hash_for_equal_timing(&password, self.cost);
        self.floor.calibrate(thread_time().saturating_sub(before));
    }

    pub(super) fn failure_floor(&self, now: Instant) -> Duration {
        self.floor.get(now)
    }

    pub(super) fn hash(&self, password: &Password) -> Option<PasswordHash> {
        hash_password(password, self.cost, &*self.entropy)
            .inspect_err(|error| tracing::error!(%error, "a new hash was rejected"))
            .ok()
    }

    pub(super) fn check(
        &self,
        password: &Password,
        hash: Option<&PasswordHash>,
        started: Instant,
    ) -> Checked {
        let stored = hash.filter(|_| !password.is_oversized()).and_then(|hash| self.read(hash));
        let right = if let Some(stored) = &stored {
            stored.verify(password)
        } else {
            hash_for_equal_timing(password, self.cost);
            false
        };
        self.record(password, stored.as_ref(), started);
        // A wrong password is tried in each spelling.
        let floor = self.failure_floor(Instant::now()).saturating_mul(password.spellings());
        let verification = match stored {
            Some(stored) if right => Verification::Right { replacement: self.replacement(password, &stored) },
            _ => Verification::Wrong,
        };
        Checked { verification, started, floor }
    }

    /// Parses a stored hash. One that cannot be verified counts as none.
    fn read(&self, hash: &PasswordHash) -> Option<StoredHash> {
        StoredHash::parse_with(hash.as_str(), &self.peppers)
            .inspect_err(|reason| tracing::warn!(%reason, "a stored password hash cannot be verified"))
            .ok()
    }

    fn replacement(&self, password: &Password, stored: &StoredHash) -> Option<PasswordHash> {
        needs_rehash(stored, self.cost, password).then(|| self.hash(password)).flatten()
    }

    /// Records the duration of a verification that costs as much as the configured hash.
    fn record(&self, password: &Password, stored: Option<&StoredHash>, started: Instant) {
        if password.spellings() == 1 && stored.is_none_or(|hash| hash.costs_like(self.cost)) {
            let now = Instant::now();
            self.floor.record(now, now.saturating_duration_since(started));
        }
    }
}
