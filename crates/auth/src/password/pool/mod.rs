//! Where passwords are hashed: threads of their own, so that no other work waits for them.

mod floor;
mod hash_pool;
mod hasher;
mod job;
mod queue;
mod settings;
mod stats;
#[cfg(test)]
mod tests;
mod worker;

pub use hash_pool::HashPool;
pub use hasher::{Checked, Verification};
pub use job::Ticket;
pub use settings::{HashPoolSettings, PoolFull};
pub use stats::{HashObserver, HashPoolStats};
