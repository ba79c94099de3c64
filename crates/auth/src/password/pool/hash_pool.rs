//! The pool.

use super::hasher::{Checked, Hasher};
use super::job::{Ticket, Work};
use super::settings::{HashPoolSettings, PoolFull};
use super::stats::{HashObserver, HashPoolStats};
use super::worker::{self, Shared};
use crate::Entropy;
use crate::password::Password;
use parking_lot::Mutex;
use roster_domain::PasswordHash;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

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

    /// Queues the hashing of a new password, in the form of [`hash_password`](crate::password::hash_password).
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

    pub(super) fn submit<T: Send + 'static>(
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
