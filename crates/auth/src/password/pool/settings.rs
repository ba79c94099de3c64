//! The settings of a pool, and its error.

use crate::password::BcryptCost;
use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;
use thiserror::Error;

/// The settings of a [`HashPool`](super::HashPool).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct HashPoolSettings {
    /// The number of concurrent hashes. More than there are cores only makes each one slower.
    pub threads: NonZeroUsize,
    /// The maximum number of waiting jobs, from all addresses.
    pub queue_limit: usize,
    /// The maximum number of waiting jobs from one address, so that one client cannot fill the queue.
    pub queue_limit_per_address: usize,
    /// The cost of new hashes, which also sets the minimum duration of a failed login.
    pub cost: BcryptCost,
}

/// The pool cannot accept the job: its queue is full, for everyone or for this address, or it was shut down.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("too many passwords are waiting to be hashed")]
pub struct PoolFull {
    /// When to try again: 1 to 60 whole seconds.
    pub retry_after: Duration,
}

impl HashPoolSettings {
    /// The default maximum number of waiting jobs.
    pub const DEFAULT_QUEUE_LIMIT: usize = 256;
    /// The default maximum number of waiting jobs from one address: half the queue.
    pub const DEFAULT_QUEUE_LIMIT_PER_ADDRESS: usize = 128;
}

impl Default for HashPoolSettings {
    /// One thread for each core that this process may use.
    fn default() -> Self {
        Self {
            threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            queue_limit: Self::DEFAULT_QUEUE_LIMIT,
            queue_limit_per_address: Self::DEFAULT_QUEUE_LIMIT_PER_ADDRESS,
            cost: BcryptCost::DEFAULT,
        }
    }
}
