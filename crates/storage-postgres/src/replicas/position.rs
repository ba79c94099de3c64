//! How far a replica must be.

use parking_lot::Mutex;
use roster_storage_sql::Statement;

use crate::connection::DatabaseError;
use crate::database::{Database, Query};

/// A position in the write-ahead log, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LogPosition(u64);

/// The position that a replica must have replayed to show every commit that this server knows of.
#[derive(Default)]
pub(super) struct RequiredPosition(Mutex<Option<Known>>);

/// The position after a number of commits.
#[derive(Clone, Copy)]
struct Known {
    commits: u64,
    position: LogPosition,
}

/// What is on the disk of the primary. A commit that was acknowledged is before it.
const FLUSHED: &str = "SELECT (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint";

/// What a replica shows; nothing from a server that is none.
const REPLAYED: &str = "SELECT (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint WHERE pg_is_in_recovery()";

impl RequiredPosition {
    /// The position. It asks the primary only if something was committed since the last time.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(super) async fn get(&self, primary: &Database) -> Result<LogPosition, DatabaseError> {
        // The number comes first: a commit that is counted later may be before the position or not.
        let commits = primary.counters().known_commits();
        let known = *self.0.lock();
        if let Some(known) = known.filter(|known| known.commits == commits) {
            return Ok(known.position);
        }
        let position = position(primary, FLUSHED).await?.ok_or(DatabaseError::NoRow)?;
        let mut known = self.0.lock();
        if known.is_none_or(|known| known.commits <= commits) {
            *known = Some(Known { commits, position });
        }
        Ok(position)
    }
}

/// What this server has replayed, if it is a replica.
///
/// # Errors
/// [`DatabaseError`].
pub(super) async fn replayed(replica: &Database) -> Result<Option<LogPosition>, DatabaseError> {
    position(replica, REPLAYED).await
}

async fn position(database: &Database, sql: &str) -> Result<Option<LogPosition>, DatabaseError> {
    let mut statement = Statement::default();
    statement.push(sql);
    let rows = database.rows(Query::Composed(&statement)).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let position: Option<i64> = row.try_get(0)?;
    Ok(position.map(|position| LogPosition(position.cast_unsigned())))
}
