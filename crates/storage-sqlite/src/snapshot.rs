//! A snapshot of the store: a transaction that reads, on a connection of its own.

use std::sync::Arc;

use async_trait::async_trait;
use roster_domain::{ServiceAccountId, SessionId, UserId};
use roster_storage::{Snapshot, SnapshotProgress, StoreError, StoredItem};
use rusqlite::Connection;

use crate::connection::{Purpose, open};
use crate::failure::Failure;
use crate::lock::DatabaseLocation;
use crate::readers::Closed;
use crate::service_accounts as accounts;
use crate::{audit, sessions, users};

/// The number of items per piece.
const PIECE: usize = 256;
const CACHE_KIB: u32 = 2_048;

/// A transaction that sees one state.
pub(crate) struct SqliteSnapshot {
    /// Absent while it is being read, and after a failure.
    reading: Option<Reading>,
    progress: SnapshotProgress,
}

struct Reading {
    connection: Connection,
    next: Next,
}

/// Where the next piece starts.
#[derive(Clone, Copy)]
enum Next {
    Users(Option<UserId>),
    ServiceAccounts(Option<ServiceAccountId>),
    Sessions(Option<SessionId>),
    Audit(i64),
}

impl SqliteSnapshot {
    /// Begins to read the state of now. It blocks. `items` is how many users and sessions there are.
    pub(crate) fn begin(place: &DatabaseLocation, items: usize) -> Result<Self, Failure> {
        let connection = open(&place.file, Purpose::Read, CACHE_KIB)?;
        connection.execute_batch("BEGIN")?;
        // The first read fixes the state.
        let records = audit::last_number(&connection)?;
        let total = items as u64 + records.cast_unsigned();
        let reading = Reading { connection, next: Next::Users(None) };
        Ok(Self { reading: Some(reading), progress: SnapshotProgress { done: 0, total } })
    }
}

impl Reading {
    fn piece(&mut self) -> Result<Vec<StoredItem>, Failure> {
        loop {
            let connection = &self.connection;
            let (items, next): (Vec<StoredItem>, _) = match self.next {
                Next::Users(after) => {
                    let users = users::users_after(connection, after, PIECE)?;
                    let next =
                        users.last().map_or(Next::ServiceAccounts(None), |last| Next::Users(Some(last.id)));
                    (users.into_iter().map(|user| StoredItem::User(Arc::new(user))).collect(), next)
                }
                Next::ServiceAccounts(after) => {
                    let found = accounts::accounts_after(connection, after, PIECE)?;
                    let next = found
                        .last()
                        .map_or(Next::Sessions(None), |last| Next::ServiceAccounts(Some(last.id)));
                    let item = |account| StoredItem::ServiceAccount(Arc::new(account));
                    (found.into_iter().map(item).collect(), next)
                }
                Next::Sessions(after) => {
                    let found = sessions::sessions_after(connection, after, PIECE)?;
                    let next = found.last().map_or(Next::Audit(0), |last| Next::Sessions(Some(last.id)));
                    (found.into_iter().map(|session| StoredItem::Session(Arc::new(session))).collect(), next)
                }
                Next::Audit(after) => {
                    let records = audit::records_after(connection, after, PIECE)?;
                    let last = records.last().and_then(|(number, _)| i64::try_from(number.get()).ok());
                    let items = records.into_iter().map(|(number, record)| StoredItem::Audit(number, record));
                    self.next = Next::Audit(last.unwrap_or(after));
                    return Ok(items.collect());
                }
            };
            self.next = next;
            if !items.is_empty() {
                return Ok(items);
            }
        }
    }
}

#[async_trait]
impl Snapshot for SqliteSnapshot {
    async fn next(&mut self) -> Result<Vec<StoredItem>, StoreError> {
        let gone = || StoreError::Unavailable(Box::new(Closed));
        let mut reading = self.reading.take().ok_or_else(gone)?;
        let piece = tokio::task::spawn_blocking(move || reading.piece().map(|items| (reading, items)));
        let (reading, items) = piece.await.map_err(|error| StoreError::Unavailable(Box::new(error)))??;
        self.reading = Some(reading);
        self.progress.done += items.len() as u64;
        Ok(items)
    }

    fn progress(&self) -> SnapshotProgress {
        self.progress
    }
}
