//! How a pool is built, and when it takes nothing.

use crate::password::BcryptCost;
use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;
use thiserror::Error;

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
