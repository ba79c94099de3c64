//! How many users, sessions and imported hashes there are, for metrics.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use roster_domain::ImportedHashCounts;
use roster_storage::StoreError;
use roster_storage_sql::{Columns, RowError};

use crate::database::Database;
use crate::rows::RowColumns;
use crate::sql::Sql;

/// How many rows there were at a recent look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PostgresStoreTotals {
    /// Users. Up to ten thousand are counted; a larger number is the estimate of the database.
    pub users: u64,
    /// Sessions, in the same way.
    pub sessions: u64,
    /// Users with a hash that should be replaced soon, in the same way.
    pub imported_hashes: ImportedHashCounts,
}

/// The numbers that were last read.
#[derive(Debug)]
pub(crate) struct Totals {
    users: AtomicU64,
    sessions: AtomicU64,
    weak_hashes: AtomicU64,
    peppered_hashes: AtomicU64,
    began: Instant,
    /// When the next look is due, in milliseconds after the beginning.
    due: AtomicU64,
}

/// The time between two looks.
const INTERVAL: Duration = Duration::from_secs(10);

impl Totals {
    /// Without a look yet.
    pub(crate) fn new() -> Self {
        let zero = AtomicU64::default;
        Self {
            users: zero(),
            sessions: zero(),
            weak_hashes: zero(),
            peppered_hashes: zero(),
            began: Instant::now(),
            due: zero(),
        }
    }

    /// The numbers that were last read.
    pub(crate) fn read(&self) -> PostgresStoreTotals {
        let number = |number: &AtomicU64| number.load(Ordering::Relaxed);
        let imported_hashes =
            ImportedHashCounts { weak: number(&self.weak_hashes), peppered: number(&self.peppered_hashes) };
        PostgresStoreTotals { users: number(&self.users), sessions: number(&self.sessions), imported_hashes }
    }

    /// Whether the caller should read them again. True for only one of several concurrent callers.
    pub(crate) fn is_due(&self) -> bool {
        let millis = |length: Duration| u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
        let (now, due) = (self.began.elapsed(), self.due.load(Ordering::Relaxed));
        let next = millis(now + INTERVAL);
        millis(now) >= due
            && self.due.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Reads them again. This costs the database a few milliseconds, however large the tables are.
    pub(crate) async fn refresh(&self, database: &Database) -> Result<(), StoreError> {
        let Some(row) = database.row(Sql::Totals, &[]).await? else { return Ok(()) };
        let mut columns = RowColumns::new(&row);
        let totals = [
            (&self.users, "users"),
            (&self.sessions, "sessions"),
            (&self.weak_hashes, "weak hashes"),
            (&self.peppered_hashes, "peppered hashes"),
        ];
        for (total, column) in totals {
            let number =
                columns.number(column).map_err(|error| RowError::new("of a total", column, error))?;
            total.store(u64::try_from(number).unwrap_or(0), Ordering::Relaxed);
        }
        Ok(())
    }
}
