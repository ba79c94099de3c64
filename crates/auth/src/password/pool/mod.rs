//! Where passwords are hashed: threads of their own, so that no other work waits for them.

mod floor;
mod hasher;
mod job;
mod queue;
mod stats;
mod worker;

pub use hasher::{Checked, Verification};
pub use job::Ticket;
pub use stats::{HashObserver, HashPoolStats};

use super::{BcryptCost, Password};
use crate::Entropy;
use hasher::Hasher;
use job::Work;
use parking_lot::Mutex;
use roster_domain::PasswordHash;
use std::io;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use thiserror::Error;
use worker::Shared;

/// How a [`HashPool`] is built.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct HashPoolSettings {
    /// How many hashes run at once. More than there are cores only makes each one slower.
    pub threads: NonZeroUsize,
    /// How many jobs may wait, from all addresses.
    pub queue_limit: usize,
    /// How many of these may be one address's, so that no one client fills the queue.
    pub queue_limit_per_address: usize,
    /// The cost of new hashes, and the time that a wrong password takes at least.
    pub cost: BcryptCost,
}

/// A bounded pool of low-priority threads that hash and verify passwords.
///
/// Waiting jobs are taken from each client address in turn; an IPv6 client is its /64. A job that was
/// accepted runs to its end, or is skipped when nobody waits for it any more.
///
/// Each thread begins with one hash at the configured cost, at the same time as the others: how long it takes
/// is what a wrong password must take too. See [`Self::failure_floor`].
pub struct HashPool {
    shared: Arc<Shared>,
    hasher: Arc<Hasher>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// The pool cannot do the job now: its queue is full, for everyone or for this address, or it was shut down.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("too many passwords are waiting to be hashed")]
pub struct PoolFull {
    /// When it is worth trying again: 1 to 60 whole seconds.
    pub retry_after: Duration,
}

impl HashPoolSettings {
    /// How many jobs may wait unless a setting says otherwise.
    pub const DEFAULT_QUEUE_LIMIT: usize = 256;
    /// How many jobs of one address may wait unless a setting says otherwise: half the queue.
    pub const DEFAULT_QUEUE_LIMIT_PER_ADDRESS: usize = 128;
}

impl Default for HashPoolSettings {
    /// A thread for each core that this process may use.
    fn default() -> Self {
        Self {
            threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            queue_limit: Self::DEFAULT_QUEUE_LIMIT,
            queue_limit_per_address: Self::DEFAULT_QUEUE_LIMIT_PER_ADDRESS,
            cost: BcryptCost::DEFAULT,
        }
    }
}

impl HashPool {
    /// Starts the threads and returns at once.
    ///
    /// # Errors
    /// What the system says when it cannot start a thread.
    pub fn new(
        settings: HashPoolSettings,
        entropy: Arc<dyn Entropy>,
        observer: Arc<dyn HashObserver>,
    ) -> io::Result<Self> {
        let hasher = Arc::new(Hasher::new(settings.cost, entropy));
        let shared = Arc::new(Shared::new(&settings, observer));
        let pool = Self { shared, hasher, threads: Mutex::default() };
        for number in 0..settings.threads.get() {
            let (shared, hasher) = (Arc::clone(&pool.shared), Arc::clone(&pool.hasher));
            let thread = thread::Builder::new()
                .name(format!("hash-{number}"))
                .spawn(move || worker::run(&shared, &hasher))?;
            pool.threads.lock().push(thread);
        }
        Ok(pool)
    }

    /// Queues the hashing of a new password, in the form of [`hash_password`](super::hash_password).
    ///
    /// # Errors
    /// [`PoolFull`]. Whoever wants to try again with the same password gives it in an [`Arc`].
    pub fn hash(
        &self,
        password: impl Into<Arc<Password>>,
        address: Option<IpAddr>,
    ) -> Result<Ticket<PasswordHash>, PoolFull> {
        let (hasher, password) = (Arc::clone(&self.hasher), password.into());
        self.submit(address, move |_| hasher.hash(&password))
    }

    /// Queues the verification of a password against what is stored for the user who logs in; `None` where
    /// there is no such user or nothing to verify against, which takes as long as a hash at the configured
    /// cost and fails.
    ///
    /// # Errors
    /// [`PoolFull`].
    pub fn verify(
        &self,
        password: impl Into<Arc<Password>>,
        hash: Option<PasswordHash>,
        address: Option<IpAddr>,
    ) -> Result<Ticket<Checked>, PoolFull> {
        let (hasher, password) = (Arc::clone(&self.hasher), password.into());
        self.submit(address, move |started| Some(hasher.check(&password, hash.as_ref(), started)))
    }

    /// Whether a job of this address would be taken now, without another's having to give way.
    #[must_use]
    pub fn has_room(&self, address: Option<IpAddr>) -> bool {
        self.shared.has_room(address)
    }

    /// Whether jobs are taken at all: the pool was not shut down, and a thread is left to do them.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.shared.is_open() && self.threads.lock().iter().any(|thread| !thread.is_finished())
    }

    /// How long after its job began a failed login is answered at the earliest: 1.1 times what a hash at the
    /// configured cost takes when all threads hash, or took lately if that is more.
    ///
    /// So the time of an answer does not tell whether a name exists or how its password is stored, as long as
    /// a stored hash is no costlier than the configured one. A costlier one answers later, until its owner
    /// logs in and it is replaced.
    #[must_use]
    pub fn failure_floor(&self) -> Duration {
        self.hasher.failure_floor(Instant::now())
    }

    /// What the pool is doing and has done.
    #[must_use]
    pub fn stats(&self) -> HashPoolStats {
        self.shared.stats()
    }

    /// Takes no more jobs, drops those that wait, and returns when the running ones have ended: after one
    /// hash at most.
    pub fn shutdown(&self) {
        self.shared.close();
        let threads = std::mem::take(&mut *self.threads.lock());
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a hash thread panicked");
            }
        }
    }

    fn submit<T: Send + 'static>(
        &self,
        address: Option<IpAddr>,
        work: impl FnOnce(Instant) -> Option<T> + Send + 'static,
    ) -> Result<Ticket<T>, PoolFull> {
        let (work, ticket) = <dyn Work>::new(work);
        match self.shared.push(address, work) {
            Ok(()) => Ok(ticket),
            Err(waiting) => Err(PoolFull { retry_after: self.retry_after(waiting) }),
        }
    }

    fn retry_after(&self, waiting: usize) -> Duration {
        let threads = self.threads.lock().len().max(1);
        let rounds = u32::try_from(waiting.div_ceil(threads)).unwrap_or(u32::MAX);
        let wait = self.failure_floor().saturating_mul(rounds);
        Duration::from_secs(wait.as_secs().saturating_add(1).min(60))
    }
}

impl Drop for HashPool {
    fn drop(&mut self) {
        self.shutdown();
    }
}

#[cfg(test)]
mod tests;
