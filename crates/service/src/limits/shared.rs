//! Counts that several servers share: each change loads the counts that it needs into tables, and stores them again.

use super::micros::Micros;
use super::pair::Pair;
use super::rate::Usage;
use super::table::Tracked as _;
use super::tables::Tables;
use roster_storage::{Count, CountKey, SharedCounts, StoreError};
use std::sync::Arc;

/// The tables in the store.
#[derive(Clone)]
pub(super) struct SharedTables(Arc<dyn SharedCounts>);

/// A count in one of the tables, by its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    Request(u64),
    Registration(u64),
    Client(u64),
    Login(u64),
    Pair(u64),
}

impl SharedTables {
    pub(super) const fn new(counts: Arc<dyn SharedCounts>) -> Self {
        Self(counts)
    }

    /// Lets `change` change tables that contain these counts, as one step among all servers. It may be called several
    /// times; the result is that of the last call.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn change<T: Send>(
        &self,
        counted: &[Counted],
        now: Micros,
        mut change: impl FnMut(&mut Tables) -> T + Send,
    ) -> Result<Option<T>, StoreError> {
        let mut counted: Vec<_> = counted.to_vec();
        counted.sort_unstable_by_key(|counted: &Counted| counted.key());
        counted.dedup();
        let keys: Vec<_> = counted.iter().map(|counted| counted.key()).collect();
        let mut result = None;
        let mut change_counts = |counts: &mut [Count]| {
            let mut tables = Tables::with_room_for(keys.len());
            counted.iter().zip(&*counts).for_each(|(counted, count)| counted.load(count, &mut tables, now));
            result = Some(change(&mut tables));
            counted.iter().zip(counts).for_each(|(counted, count)| *count = counted.store(&tables, now));
        };
        self.0.change(&keys, &mut change_counts).await?;
        Ok(result)
    }

    /// Clears the failures for a name, from all clients.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn clear_failures(&self, subject: u64) -> Result<(), StoreError> {
        self.0.remove_group(subject).await
    }

    /// Removes the counts that no longer have an effect.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn sweep(&self, now: Micros) -> Result<(), StoreError> {
        self.0.sweep(now).await
    }
}

impl Counted {
    const fn key(self) -> CountKey {
        let (table, digest) = match self {
            Self::Request(digest) => (1, digest),
            Self::Registration(digest) => (2, digest),
            Self::Client(digest) => (3, digest),
            Self::Login(digest) => (4, digest),
            Self::Pair(digest) => (5, digest),
        };
        CountKey { table, digest }
    }

    fn load(self, count: &Count, tables: &mut Tables, now: Micros) {
        let usage = Usage::from_numbers(&count.numbers);
        let (table, digest) = match self {
            Self::Request(digest) => (&mut tables.requests, digest),
            Self::Registration(digest) => (&mut tables.registrations, digest),
            Self::Client(digest) => (&mut tables.by_client, digest),
            Self::Login(digest) => (&mut tables.by_login, digest),
            Self::Pair(digest) => {
                if let Some(found) = Pair::from_numbers(&count.numbers, now) {
                    tables.pairs.update(digest, |pair| *pair = found);
                }
                return;
            }
        };
        if let Some(found) = usage {
            table.update(digest, |usage| *usage = found);
        }
    }

    fn store(self, tables: &Tables, now: Micros) -> Count {
        let (usage, group) = match self {
            Self::Request(digest) => (tables.requests.get(digest), 0),
            Self::Registration(digest) => (tables.registrations.get(digest), 0),
            Self::Client(digest) => (tables.by_client.get(digest), 0),
            // The failures for a name are cleared together with its pairs.
            Self::Login(digest) => (tables.by_login.get(digest), digest),
            Self::Pair(digest) => {
                let pair = tables.pairs.get(digest).filter(|pair| !pair.is_expired(now));
                return pair.map_or_else(Count::default, |pair| Count {
                    numbers: pair.numbers(),
                    group: pair.subject,
                    expires_at: pair.expires_at(),
                });
            }
        };
        usage.map_or_else(Count::default, |usage| Count {
            numbers: usage.numbers(),
            group,
            expires_at: usage.full_at(),
        })
    }
}
