//! The pool.

use super::hasher::{Checked, Hasher};
use super::job::{Ticket, Work};
use super::settings::{HashPoolSettings, PoolFull};
use super::stats::{HashObserver, HashPoolStats};
use super::worker::{self, Shared};
use crate::Entropy;
use crate::password::{BcryptCost, Password, Peppers};
use parking_lot::Mutex;
use roster_domain::PasswordHash;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// A bounded pool of low-priority threads that hash and verify passwords.
///
/// Client addresses take turns in the queue; an IPv6 client is its /64. An accepted job runs to its end, or is
/// skipped if its ticket was dropped.
///
/// Each thread begins with one hash at the configured cost, at the same time as the others. Its duration becomes the
/// minimum duration of a failed login; see [`Self::failure_floor`].
pub struct HashPool {
    shared: Arc<Shared>,
    hasher: Arc<Hasher>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl HashPool {
    /// Starts the threads and returns at once.
    ///
    /// # Errors
    /// The system's error if it cannot start a thread.
    pub fn new(
        settings: HashPoolSettings,
        entropy: Arc<dyn Entropy>,
        observer: Arc<dyn HashObserver>,
    ) -> io::Result<Self> {
        Self::with_peppers(settings, entropy, observer, Peppers::default())
    }

    /// Like [`Self::new`]; also verifies hashes with these peppers.
    ///
    /// # Errors
    /// The system's error if it cannot start a thread.
    pub fn with_peppers(
        settings: HashPoolSettings,
        entropy: Arc<dyn Entropy>,
        observer: Arc<dyn HashObserver>,
        peppers: Peppers,
    ) -> io::Result<Self> {
        let hasher = Arc::new(Hasher::new(settings.cost, entropy, peppers));
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
    /// [`PoolFull`]. To try again with the same password, pass it in an [`Arc`].
    pub fn hash(
        &self,
        password: impl Into<Arc<Password>>,
        address: Option<IpAddr>,
    ) -> Result<Ticket<PasswordHash>, PoolFull> {
        let (hasher, password) = (Arc::clone(&self.hasher), password.into());
        self.submit(address, move |_| hasher.hash(&password))
    }

    /// Queues the verification of a password against the stored hash of the user. `None` means that there is no such
    /// user or no hash: the verification takes as long as a hash at the configured cost, and fails.
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

    /// Whether a job of this address would be accepted now without displacing another.
    #[must_use]
    pub fn has_room(&self, address: Option<IpAddr>) -> bool {
        self.shared.has_room(address)
    }

    /// Whether jobs are accepted at all: the pool is not shut down, and a thread is still running.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.shared.is_open() && self.threads.lock().iter().any(|thread| !thread.is_finished())
    }

    /// The minimum time between the start of its job and the response to a failed login: 1.1 times the duration of a
    /// hash at the configured cost while all threads are hashing, or of recent hashes if that is longer.
    ///
    /// So the response time does not reveal whether a name exists or how its password is stored, as long as the
    /// stored hash is not costlier than the configured one. With a costlier hash, the response takes longer until the
    /// user logs in and the hash is replaced.
    #[must_use]
    pub fn failure_floor(&self) -> Duration {
        self.hasher.failure_floor(Instant::now())
    }

    /// The peppers of other systems.
    #[must_use]
    pub fn peppers(&self) -> &Peppers {
        self.hasher.peppers()
    }

    /// The cost of new hashes.
    #[must_use]
    pub fn cost(&self) -> BcryptCost {
        self.hasher.cost()
    }

    /// The pool's counters.
    #[must_use]
    pub fn stats(&self) -> HashPoolStats {
        self.shared.stats()
    }

    /// Accepts no more jobs, drops the waiting ones, and returns when the running ones have ended: after one hash at
    /// most.
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
