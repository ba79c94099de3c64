//! The threads that hash passwords, apart from all other work.

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
