//! How far a replica must be, and of which store it must be a replica.

use std::sync::Arc;
use std::time::{Duration, Instant};

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
    /// The timeline of the log, which a failover begins; `None` if Roster's role may not read it. Positions in two timelines
    /// cannot be compared.
    timeline: Option<i32>,
}

/// The position that a replica must have to show every commit that this server knows of.
pub(super) struct RequiredPosition {
    system: &'static str,
    /// Of the primary and of its replicas.
    timelines: [&'static str; 2],
    known: Mutex<Option<Known>>,
}

/// The position after a number of commits.
#[derive(Clone)]
struct Known {
    commits: u64,
    at: Instant,
    position: Arc<Position>,
}

/// How old the last position may become. A commit of another server whose message was lost, or a failover without a commit,
/// shows after this time.
const MAX_AGE: Duration = Duration::from_secs(5);

/// What is on the disk of the primary. A commit that was acknowledged is before it.
const FLUSHED: &str = "pg_current_wal_flush_lsn()";

/// What a replica shows.
const REPLAYED: &str = "pg_last_wal_replay_lsn()";

/// Whether this role may ask for the number of the database system, and for timelines.
const MAY_ASK: &str = "SELECT coalesce(has_function_privilege(to_regprocedure('pg_control_system()'), 'EXECUTE'), false), \
    coalesce(has_function_privilege(to_regprocedure('pg_control_checkpoint()'), 'EXECUTE') \
    AND has_function_privilege(to_regprocedure('pg_walfile_name(pg_lsn)'), 'EXECUTE'), false)";
const SYSTEM: &str = "(SELECT system_identifier FROM pg_control_system())";
const NO_SYSTEM: &str = "NULL::bigint";

/// The timeline in which the primary writes.
const WRITTEN_TIMELINE: &str = "('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))::bit(32)::int";
/// The timeline that a replica follows. Only members of `pg_read_all_stats` see that of the connection to the primary; the other
/// one is that of the last restart point, and late by up to `checkpoint_timeout`.
const FOLLOWED_TIMELINE: &str = "coalesce((SELECT received_tli FROM pg_stat_wal_receiver), \
    (SELECT timeline_id FROM pg_control_checkpoint()))";
const NO_TIMELINE: &str = "NULL::int";

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
        } else if self.timeline != required.timeline {
            Some("it does not follow the primary of storage.url since a failover, or not yet")
        } else {
            None
        }
    }

    fn read(row: &Row) -> Result<Option<Self>, DatabaseError> {
        let Some(log) = row.try_get::<_, Option<i64>>(0)? else { return Ok(None) };
        let log = log.cast_unsigned();
        let (database, secret) = (row.try_get(1)?, row.try_get(2)?);
        Ok(Some(Self { log, database, secret, system: row.try_get(3)?, timeline: row.try_get(4)? }))
    }
}

impl RequiredPosition {
    /// Finds out what can be compared.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(super) async fn new(primary: &Database) -> Result<Self, DatabaseError> {
        let row = first_row(primary, MAY_ASK).await?.ok_or(DatabaseError::NoRow)?;
        let system = if row.try_get(0)? { SYSTEM } else { NO_SYSTEM };
        let timelines =
            if row.try_get(1)? { [WRITTEN_TIMELINE, FOLLOWED_TIMELINE] } else { [NO_TIMELINE; 2] };
        Ok(Self { system, timelines, known: Mutex::default() })
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
        self.renew(primary, commits).await
    }

    async fn renew(&self, primary: &Database, commits: u64) -> Result<Arc<Position>, DatabaseError> {
        let at = Instant::now();
        let [timeline, _] = self.timelines;
        let position = self.ask(primary, [FLUSHED, timeline], "").await?.ok_or(DatabaseError::NoRow)?;
        let position = Arc::new(position);
        let mut known = self.known.lock();
        if known.as_ref().is_none_or(|known| known.commits <= commits) {
            *known = Some(Known { commits, at, position: position.clone() });
        }
        Ok(position)
    }

    /// The position as of the last time, without asking if there is one that is not old.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(super) async fn last(&self, primary: &Database) -> Result<Arc<Position>, DatabaseError> {
        let known = self.known.lock().clone();
        match known {
            Some(known) if known.at.elapsed() < MAX_AGE => Ok(known.position),
            _ => self.renew(primary, primary.counters().known_commits()).await,
        }
    }

    /// What this server has replayed, if it is a replica.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(super) async fn replayed(&self, replica: &Database) -> Result<Option<Position>, DatabaseError> {
        let [_, timeline] = self.timelines;
        self.ask(replica, [REPLAYED, timeline], "WHERE pg_is_in_recovery()").await
    }

    async fn ask(
        &self,
        database: &Database,
        [log, timeline]: [&str; 2],
        condition: &str,
    ) -> Result<Option<Position>, DatabaseError> {
        let sql = format!(
            "SELECT ({log} - '0/0'::pg_lsn)::bigint, current_database()::text, (SELECT secret FROM shared_secret), {}, \
             {timeline} {condition}",
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
