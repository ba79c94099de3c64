//! Counts that all servers share.

use std::fmt;

use async_trait::async_trait;
use futures_util::future::{join, join_all, join4};
use roster_storage::{Count, CountChange, CountKey, SharedCounts, StoreError};
use tokio::time::timeout;
use tokio_postgres::Row;

use crate::connection::{Connection, DatabaseError};
use crate::database::{Database, Query};
use crate::parameter::Parameter;
use crate::sql::Sql;

/// The counts in the database.
#[derive(Clone)]
pub struct PostgresCounts {
    database: Database,
    secret: [u8; 16],
}

impl PostgresCounts {
    pub(crate) const fn new(database: Database, secret: [u8; 16]) -> Self {
        Self { database, secret }
    }

    /// Changes counts in a transaction. A change whose answer is lost may be made twice, which counts one attempt too many.
    async fn change_once(&self, keys: &[CountKey], change: CountChange<'_>) -> Result<(), DatabaseError> {
        let connection = self.database.connection().await?;
        let answer_timeout = self.database.answer_timeout();
        let changed = timeout(answer_timeout, transaction(&connection, keys, change)).await;
        let outcome = match changed {
            Ok(outcome) => outcome.map_err(DatabaseError::from),
            Err(_) => Err(DatabaseError::NoAnswer(answer_timeout)),
        };
        match &outcome {
            Ok(()) => connection.end(),
            Err(error) => self.database.discard(connection, error),
        }
        outcome
    }
}

#[async_trait]
impl SharedCounts for PostgresCounts {
    fn secret(&self) -> [u8; 16] {
        self.secret
    }

    async fn change(&self, keys: &[CountKey], change: CountChange<'_>) -> Result<(), StoreError> {
        let mut retries = self.database.retries();
        loop {
            let outcome = self.change_once(keys, change).await;
            if !retries.is_next_after(&outcome) {
                return Ok(outcome?);
            }
            retries.pause().await;
        }
    }

    async fn remove_group(&self, group: u64) -> Result<(), StoreError> {
        let group = group.cast_signed();
        Ok(self.database.rows(Query::Prepared(Sql::DeleteCountsOfGroup, &[group.into()])).await.map(drop)?)
    }

    async fn sweep(&self, now: i64) -> Result<(), StoreError> {
        Ok(self.database.rows(Query::Prepared(Sql::DeleteExpiredCounts, &[now.into()])).await.map(drop)?)
    }
}

/// Locks the keys, not rows, since a row may be missing; and reads in a statement of its own, since what is read in the
/// same statement is older than the lock.
async fn transaction(
    connection: &Connection,
    keys: &[CountKey],
    change: CountChange<'_>,
) -> Result<(), tokio_postgres::Error> {
    let tables: Vec<i16> = keys.iter().map(|key| key.table).collect();
    let digests: Vec<i64> = keys.iter().map(|key| key.digest.cast_signed()).collect();
    let (kinds, digests) = (Parameter::Smalls(tables), Parameter::Numbers(digests));
    let (start, fast, locked, rows) = join4(
        connection.query(Sql::Begin, &[]),
        connection.query(Sql::CommitWithoutWaiting, &[]),
        connection.query(Sql::LockCounts, &[Parameter::Locks(locks(keys))]),
        connection.query(Sql::CountsByKey, &[kinds, digests]),
    )
    .await;
    start.and(fast).and(locked)?;
    let before = counts(keys, &rows?)?;
    let mut after = before.clone();
    change(&mut after);
    write(connection, keys, &before, &after).await
}

/// Writes what has changed, and commits.
async fn write(
    connection: &Connection,
    keys: &[CountKey],
    before: &[Count],
    after: &[Count],
) -> Result<(), tokio_postgres::Error> {
    let changed = keys.iter().zip(before.iter().zip(after)).filter(|(_, (before, after))| before != after);
    let writes = changed.map(async |(key, (_, count))| {
        let (kind, digest) = (Parameter::Small(key.table), key.digest.cast_signed().into());
        if count.numbers.is_empty() {
            connection.query(Sql::DeleteCount, &[kind, digest]).await
        } else {
            let numbers = Parameter::Numbers(count.numbers.clone());
            let (group, expires_at) = (count.group.cast_signed().into(), count.expires_at.into());
            connection.query(Sql::PutCount, &[kind, digest, group, numbers, expires_at]).await
        }
    });
    let (written, committed) = join(join_all(writes), connection.query(Sql::Commit, &[])).await;
    written.into_iter().collect::<Result<Vec<_>, _>>()?;
    committed.map(drop)
}

/// A number for each key, in the order in which all servers lock them. Two keys may have the same number, which does no harm.
fn locks(keys: &[CountKey]) -> Vec<i32> {
    let number = |key: &CountKey| {
        let mixed = key.digest ^ (key.digest >> 32) ^ u64::from(key.table.cast_unsigned());
        i32::from_ne_bytes(u32::try_from(mixed & u64::from(u32::MAX)).unwrap_or_default().to_ne_bytes())
    };
    let mut locks: Vec<i32> = keys.iter().map(number).collect();
    locks.sort_unstable();
    locks.dedup();
    locks
}

/// The counts in the order of the keys.
fn counts(keys: &[CountKey], rows: &[Row]) -> Result<Vec<Count>, tokio_postgres::Error> {
    let mut counts = vec![Count::default(); keys.len()];
    for row in rows {
        let key = CountKey { table: row.try_get(0)?, digest: row.try_get::<_, i64>(1)?.cast_unsigned() };
        let group = row.try_get::<_, i64>(2)?.cast_unsigned();
        if let Some(at) = keys.iter().position(|other| *other == key) {
            counts[at] = Count { numbers: row.try_get(3)?, group, expires_at: row.try_get(4)? };
        }
    }
    Ok(counts)
}

impl fmt::Debug for PostgresCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresCounts").finish_non_exhaustive()
    }
}
