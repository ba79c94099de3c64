//! How far a replica must be, and of which store it must be a replica.

use std::sync::Arc;

use parking_lot::Mutex;
use roster_storage_sql::Statement;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::connection::DatabaseError;
use crate::database::{Database, Query};

/// How much of the log of a store a server has.
pub(super) struct Position {
    /// The position in the write-ahead log, in bytes.
    log: u64,
    database: String,
    /// The secret of the store.
    secret: Uuid,
    /// What a primary and its standbys have in common; `None` if Roster's role may not read it.
    system: Option<i64>,
}

/// The position that a replica must have to show every commit that this server knows of.
pub(super) struct RequiredPosition {
    system: &'static str,
    known: Mutex<Option<Known>>,
}

/// The position after a number of commits.
#[derive(Clone)]
struct Known {
    commits: u64,
    position: Arc<Position>,
}

/// What is on the disk of the primary. A commit that was acknowledged is before it.
const FLUSHED: &str = "pg_current_wal_flush_lsn()";

/// What a replica shows.
const REPLAYED: &str = "pg_last_wal_replay_lsn()";

/// Whether this role may ask for the number of the database system.
const MAY_ASK_SYSTEM: &str =
    "SELECT coalesce(has_function_privilege(to_regprocedure('pg_control_system()'), 'EXECUTE'), false)";
const SYSTEM: &str = "(SELECT system_identifier FROM pg_control_system())";
const NO_SYSTEM: &str = "NULL::bigint";

impl Position {
    /// Whether a replica at this position shows everything up to `required`.
    pub(super) fn has(&self, required: &Self) -> bool {
        self.difference(required).is_none() && self.log >= required.log
    }

    /// Why this is no position of the same store, if it is none.
    pub(super) fn difference(&self, required: &Self) -> Option<&'static str> {
        if self.database != required.database {
            Some("its database has another name than the one in storage.url")
        } else if self.secret != required.secret {
            Some("it has another store than the one in storage.url")
        } else if self.system != required.system {
            Some("it is a replica of another server than the one in storage.url")
        } else {
            None
        }
    }

    fn read(row: &Row) -> Result<Option<Self>, DatabaseError> {
        let Some(log) = row.try_get::<_, Option<i64>>(0)? else { return Ok(None) };
        let log = log.cast_unsigned();
        Ok(Some(Self { log, database: row.try_get(1)?, secret: row.try_get(2)?, system: row.try_get(3)? }))
    }
}

impl RequiredPosition {
    /// Finds out what can be compared.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(super) async fn new(primary: &Database) -> Result<Self, DatabaseError> {
        let row = first_row(primary, MAY_ASK_SYSTEM).await?.ok_or(DatabaseError::NoRow)?;
        let system = if row.try_get(0)? { SYSTEM } else { NO_SYSTEM };
        Ok(Self { system, known: Mutex::default() })
    }

    /// The position. It asks the primary only if something was committed since the last time.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(super) async fn get(&self, primary: &Database) -> Result<Arc<Position>, DatabaseError> {
        // The number comes first: a commit that is counted later may be before the position or not.
        let commits = primary.counters().known_commits();
        let known = self.known.lock().clone();
        if let Some(known) = known.filter(|known| known.commits == commits) {
            return Ok(known.position);
        }
        let position = Arc::new(self.ask(primary, FLUSHED, "").await?.ok_or(DatabaseError::NoRow)?);
        let mut known = self.known.lock();
        if known.as_ref().is_none_or(|known| known.commits <= commits) {
            *known = Some(Known { commits, position: position.clone() });
        }
        Ok(position)
    }

    /// The position as of the last time, without asking if there is one.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(super) async fn last(&self, primary: &Database) -> Result<Arc<Position>, DatabaseError> {
        let known = self.known.lock().clone();
        match known {
            Some(known) => Ok(known.position),
            None => self.get(primary).await,
        }
    }

    /// What this server has replayed, if it is a replica.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(super) async fn replayed(&self, replica: &Database) -> Result<Option<Position>, DatabaseError> {
        self.ask(replica, REPLAYED, "WHERE pg_is_in_recovery()").await
    }

    async fn ask(
        &self,
        database: &Database,
        log: &str,
        condition: &str,
    ) -> Result<Option<Position>, DatabaseError> {
        let sql = format!(
            "SELECT ({log} - '0/0'::pg_lsn)::bigint, current_database()::text, (SELECT secret FROM shared_secret), {} \
             {condition}",
            self.system
        );
        first_row(database, &sql).await?.as_ref().map_or(Ok(None), Position::read)
    }
}

async fn first_row(database: &Database, sql: &str) -> Result<Option<Row>, DatabaseError> {
    let mut statement = Statement::default();
    statement.push(sql);
    Ok(database.rows(Query::Composed(&statement)).await?.into_iter().next())
}
