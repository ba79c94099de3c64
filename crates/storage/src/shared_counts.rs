//! Counts that several servers share, such as those of failed logins.

use crate::StoreError;
use async_trait::async_trait;

/// Counts in a store that several servers use. They are small, change often, and the last ones may be lost in a crash of the
/// database: losing a count does less harm than waiting for a disk.
#[async_trait]
pub trait SharedCounts: Send + Sync {
    /// A random secret that belongs to the store, for digests that are the same on all servers.
    fn secret(&self) -> [u8; 16];

    /// Lets `change` change the counts with these keys, in their order. Nobody else changes one of them meanwhile. It may be
    /// called several times, and only the last call counts.
    ///
    /// # Errors
    /// [`StoreError`], if the store is not available. The counts may be changed all the same.
    async fn change(&self, keys: &[CountKey], change: CountChange<'_>) -> Result<(), StoreError>;

    /// Removes all counts of a group.
    ///
    /// # Errors
    /// [`StoreError`], if the store is not available.
    async fn remove_group(&self, group: u64) -> Result<(), StoreError>;

    /// Removes the counts that have expired by `now`, in microseconds since 1970.
    ///
    /// # Errors
    /// [`StoreError`], if the store is not available.
    async fn sweep(&self, now: i64) -> Result<(), StoreError>;
}

/// Changes counts, in the order of their keys.
pub type CountChange<'c> = &'c mut (dyn FnMut(&mut [Count]) + Send);

/// What is counted, as a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CountKey {
    /// Which of the caller's tables it belongs to.
    pub table: i16,
    /// The digest.
    pub digest: u64,
}

/// A count. Only the caller knows what the numbers mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Empty if nothing is counted.
    pub numbers: Vec<i64>,
    /// Counts of a group can be removed together; 0 is no group.
    pub group: u64,
    /// When it has no effect any more, in microseconds since 1970.
    pub expires_at: i64,
}
