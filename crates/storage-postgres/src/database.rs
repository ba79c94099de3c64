//! Requests to the database, each within its time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join3;
use roster_storage_sql::Statement;
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};
use tokio_postgres::Row;

use crate::connection::{Connection, DatabaseError, Pool, PooledConnection};
use crate::metrics::{Counters, PostgresStoreMetrics};
use crate::parameter::{Parameter, as_sql, type_of};
use crate::settings::Timeouts;
use crate::sql::Sql;

/// The database.
#[derive(Clone)]
pub(crate) struct Database {
    pool: Pool,
    /// How long an answer is awaited.
    answer_timeout: Duration,
    timeouts: Timeouts,
    runtime: Handle,
    counters: Arc<Counters>,
    /// Whether a write was denied, and none was tried since.
    doubts_writes: Arc<AtomicBool>,
}

/// A statement to read with.
pub(crate) enum Query<'q> {
    /// One of the store.
    Prepared(Sql, &'q [Parameter<'q>]),
    /// One that was put together, and is planned for its values: a plan for any value may read the whole table.
    Composed(&'q Statement),
    /// The same, with another limit of time.
    Limited(&'q Statement, Duration),
}

/// Further attempts of a request.
pub(crate) struct Retries {
    deadline: Instant,
    pause: Duration,
}

/// The first pause before something is done again on another connection.
const PAUSE: Duration = Duration::from_millis(5);

impl Database {
    /// Requests through this pool.
    pub(crate) fn new(pool: Pool, answer_timeout: Duration, timeouts: Timeouts, runtime: Handle) -> Self {
        Self {
            pool,
            answer_timeout,
            timeouts,
            runtime,
            counters: Arc::default(),
            doubts_writes: Arc::default(),
        }
    }

    /// Where a commit runs, whatever becomes of its request.
    pub(crate) const fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// What commits count.
    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// What commits count, for tasks of their own.
    pub(crate) fn shared_counters(&self) -> Arc<Counters> {
        Arc::clone(&self.counters)
    }

    /// Whether a write was denied, and none was tried since.
    pub(crate) fn doubts_writes(&self) -> bool {
        self.doubts_writes.load(Ordering::Relaxed)
    }

    /// A write has failed.
    pub(crate) fn note_failed_write(&self, error: &DatabaseError) {
        if error.denies_writes() {
            self.doubts_writes.store(true, Ordering::Relaxed);
        }
    }

    /// A write was tried with success.
    pub(crate) fn trust_writes(&self) {
        self.doubts_writes.store(false, Ordering::Relaxed);
    }

    /// The counters and the state of the pool.
    pub(crate) fn metrics(&self) -> PostgresStoreMetrics {
        let pool = self.pool.status();
        PostgresStoreMetrics {
            connections: pool.size,
            idle_connections: pool.available,
            waiting_requests: pool.waiting,
            ..self.counters.read()
        }
    }

    /// When a request that begins now must have ended.
    pub(crate) fn deadline(&self) -> Instant {
        Instant::now() + self.timeouts.request
    }

    /// Whether a request must have ended.
    pub(crate) fn is_past(deadline: Instant) -> bool {
        Instant::now() >= deadline
    }

    /// How long an answer is awaited.
    pub(crate) const fn answer_timeout(&self) -> Duration {
        self.answer_timeout
    }

    /// How long a transaction may hold its locks and its connection while it waits for another one of this process. That one may
    /// wait for this connection, or for another program, and that program for one of these locks.
    pub(crate) fn patience(&self) -> Duration {
        (self.timeouts.lock / 4).min(self.timeouts.connect / 2)
    }

    /// A connection from the pool.
    ///
    /// # Errors
    /// [`DatabaseError`], if there is none within the time.
    pub(crate) async fn connection(&self) -> Result<PooledConnection, DatabaseError> {
        let getting = timeout(self.timeouts.request, self.pool.get(self.timeouts.connect)).await;
        let connection = getting.map_err(|_| DatabaseError::Busy(self.timeouts.request))??;
        connection.begin();
        Ok(connection)
    }

    /// Reads rows. A connection that turns out to be broken is replaced.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(crate) async fn rows(&self, query: Query<'_>) -> Result<Vec<Row>, DatabaseError> {
        let mut retries = self.retries();
        loop {
            let outcome = self.rows_once(&query).await;
            if !retries.is_next_after(&outcome) {
                return outcome;
            }
            retries.pause().await;
        }
    }

    /// Further attempts of a request that begins now.
    pub(crate) fn retries(&self) -> Retries {
        Retries { deadline: self.deadline(), pause: PAUSE }
    }

    async fn rows_once(&self, query: &Query<'_>) -> Result<Vec<Row>, DatabaseError> {
        let connection = self.connection().await?;
        let Ok(outcome) =
            timeout(self.answer_timeout, run(&connection, query, self.timeouts.statement)).await
        else {
            let error = DatabaseError::NoAnswer(self.answer_timeout);
            self.discard(connection, &error);
            return Err(error);
        };
        connection.end();
        Ok(outcome?)
    }

    /// Reads a row, or none.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub(crate) async fn row(
        &self,
        sql: Sql,
        parameters: &[Parameter<'_>],
    ) -> Result<Option<Row>, DatabaseError> {
        Ok(self.rows(Query::Prepared(sql, parameters)).await?.into_iter().next())
    }

    /// Closes a connection instead of returning it. If the server does not answer, the idle ones are closed too: they
    /// lead to the same server, and each would cost another request its timeout.
    pub(crate) fn discard(&self, connection: PooledConnection, error: &DatabaseError) {
        connection.close();
        if matches!(error, DatabaseError::NoAnswer(_)) {
            self.pool.close_idle();
        }
    }

    /// Closes every connection once it is free, and gives no more away.
    pub(crate) fn close(&self) {
        self.pool.close();
    }
}

impl Retries {
    /// Whether there is another attempt: the connection turned out to be broken, and there is time left.
    pub(crate) fn is_next_after<T>(&self, outcome: &Result<T, DatabaseError>) -> bool {
        let is_lost = outcome.as_ref().is_err_and(DatabaseError::is_lost_connection);
        is_lost && !Database::is_past(self.deadline)
    }

    /// Waits before the next attempt.
    pub(crate) async fn pause(&mut self) {
        sleep(self.pause).await;
        self.pause *= 2;
    }
}

async fn run(
    connection: &Connection,
    query: &Query<'_>,
    usual: Duration,
) -> Result<Vec<Row>, tokio_postgres::Error> {
    if !connection.needs_transactions() {
        return run_plain(connection, query, usual).await;
    }
    // Sent at once, as below. What fails in the transaction makes the last statement roll back.
    let (start, rows, ended) = join3(
        connection.query(Sql::Begin, &[]),
        run_plain(connection, query, usual),
        connection.query(Sql::Commit, &[]),
    )
    .await;
    start?;
    let rows = rows?;
    ended.map(|_| rows)
}

async fn run_plain(
    connection: &Connection,
    query: &Query<'_>,
    usual: Duration,
) -> Result<Vec<Row>, tokio_postgres::Error> {
    match query {
        Query::Prepared(sql, parameters) => connection.query(*sql, parameters).await,
        Query::Composed(statement) => composed(connection, statement).await,
        Query::Limited(statement, limit) => {
            // All three are sent at once, in this order, and each is carried out whatever becomes of the others.
            let (limited, rows, reset) = join3(
                connection.limit_statements(*limit),
                composed(connection, statement),
                connection.limit_statements(usual),
            )
            .await;
            // In a transaction, a rejected statement makes the one after it fail too, and its own error counts.
            limited.and(rows.and_then(|rows| reset.map(|()| rows)))
        }
    }
}

async fn composed(connection: &Connection, statement: &Statement) -> Result<Vec<Row>, tokio_postgres::Error> {
    let parameters: Vec<_> = statement.values().iter().map(|value| (as_sql(value), type_of(value))).collect();
    connection.query_typed(statement.sql(), &parameters).await
}
