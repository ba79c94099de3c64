//! The pool of connections, each with every statement prepared, unless a pooler lends them for one transaction.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use deadpool::managed::{
    self, BuildError, Metrics, Object, PoolError, RecycleError, RecycleResult, Timeouts,
};
use deadpool::{Runtime, Status};
use futures_util::future::try_join_all;
use tokio::time::timeout;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Row, Statement};

use super::connector::{Connector, RawConnection};
use super::error::DatabaseError;
use super::session::{SessionSettings, run};
use super::slots::{Slot, Slots};
use crate::parameter::Parameter;
use crate::sql::{READ_COMMITTED, Sql};

/// A connection with its statements.
pub(crate) struct Connection {
    raw: RawConnection,
    statements: Statements,
    /// Whether a request began on it and has not ended: a transaction may be open, or an answer on its way.
    is_busy: AtomicBool,
}

/// How the statements of the store are run.
enum Statements {
    /// They are prepared, in the order of [`Sql::ALL`].
    Prepared(Vec<Statement>),
    /// They are sent with their text: the next transaction may be on another connection of the database.
    Unnamed {
        /// What begins a transaction.
        begin: String,
    },
}

/// Makes connections for the pool, and cleans up what a request has left.
pub(crate) struct ConnectionManager {
    connector: Connector,
    settings: SessionSettings,
}

/// The pool.
#[derive(Clone)]
pub(crate) struct Pool {
    connections: managed::Pool<ConnectionManager>,
    slots: Arc<Slots>,
}

/// A connection that returns to the pool.
pub(crate) struct PooledConnection {
    connection: Object<ConnectionManager>,
    /// Given back after the connection.
    _slot: Slot,
}

/// How long a rollback may take on a connection that a request has left.
const CLEAN_UP: Duration = Duration::from_secs(1);

/// A pool of at most `size` connections.
pub(crate) fn pool(connector: Connector, settings: SessionSettings, size: usize) -> Result<Pool, BuildError> {
    // The connection that was used last is the one whose caches are warm.
    let builder = managed::Pool::builder(ConnectionManager { connector, settings }).max_size(size);
    let connections = builder.queue_mode(managed::QueueMode::Lifo).runtime(Runtime::Tokio1).build()?;
    Ok(Pool { connections, slots: Arc::new(Slots::new(size)) })
}

impl Pool {
    /// A connection. If the server refuses another one, waits for one of those that there are.
    ///
    /// # Errors
    /// [`DatabaseError`], after `patience` if all are in use.
    pub(crate) async fn get(&self, patience: Duration) -> Result<PooledConnection, DatabaseError> {
        // A new connection has its own limits, for each host.
        let limits = Timeouts { wait: Some(patience), create: None, recycle: None };
        loop {
            let slot = self.slots.take(patience).await?;
            match self.connections.timeout_get(&limits).await {
                Ok(connection) => return Ok(PooledConnection { connection, _slot: slot }),
                Err(PoolError::Backend(error)) => {
                    let existing = self.connections.status().size;
                    if !error.is_connection_limit() || !self.slots.withhold(slot, existing, Instant::now()) {
                        return Err(error);
                    }
                }
                Err(PoolError::Timeout(_)) => return Err(DatabaseError::Busy(patience)),
                Err(PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_)) => {
                    return Err(DatabaseError::Closed);
                }
            }
        }
    }

    /// The connections, and the requests that wait for one.
    pub(crate) fn status(&self) -> Status {
        let status = self.connections.status();
        Status { waiting: status.waiting + self.slots.waiting(), ..status }
    }

    /// Closes the connections that are not in use.
    pub(crate) fn close_idle(&self) {
        self.connections.retain(|_, _| false);
    }

    /// Closes every connection once it is free, and gives no more away.
    pub(crate) fn close(&self) {
        self.connections.close();
        self.slots.close();
    }
}

impl PooledConnection {
    /// Closes it instead of returning it.
    pub(crate) fn close(self) {
        drop(Object::take(self.connection));
    }
}

impl Deref for PooledConnection {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl Connection {
    /// Runs a statement of the store.
    pub(crate) async fn query(
        &self,
        sql: Sql,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        let client = self.raw.client();
        match (&self.statements, sql) {
            (Statements::Prepared(statements), _) => {
                let values: Vec<_> = parameters.iter().map(Parameter::as_sql).collect();
                client.query(&statements[sql as usize], &values).await
            }
            (Statements::Unnamed { begin }, Sql::Begin) => {
                client.batch_execute(begin).await.map(|()| Vec::new())
            }
            (Statements::Unnamed { .. }, _) => {
                let values: Vec<_> =
                    parameters.iter().map(|value| (value.as_sql(), value.sql_type())).collect();
                client.query_typed(sql.text(), &values).await
            }
        }
    }

    /// Runs a statement that is planned for its parameters, every time anew.
    pub(crate) async fn query_typed(
        &self,
        sql: &str,
        parameters: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<Row>, tokio_postgres::Error> {
        self.raw.client().query_typed(sql, parameters).await
    }

    /// Limits the time of the statements that follow, in the open transaction if there is to be one.
    pub(crate) async fn limit_statements(&self, limit: Duration) -> Result<(), tokio_postgres::Error> {
        let set = if self.needs_transactions() { "SET LOCAL" } else { "SET" };
        let set = format!("{set} statement_timeout = {}", limit.as_millis().max(1));
        self.raw.client().batch_execute(&set).await
    }

    /// Whether the limits of time only apply to statements in a transaction.
    pub(crate) const fn needs_transactions(&self) -> bool {
        matches!(self.statements, Statements::Unnamed { .. })
    }

    /// A request begins. Until it [ends](Self::end), the connection is in use.
    pub(crate) fn begin(&self) {
        self.is_busy.store(true, Ordering::Relaxed);
    }

    /// The request has ended: no answer is outstanding and no transaction is open.
    pub(crate) fn end(&self) {
        self.is_busy.store(false, Ordering::Relaxed);
    }
}

impl ConnectionManager {
    async fn prepare(&self, raw: &RawConnection) -> Result<Vec<Statement>, DatabaseError> {
        let client = raw.client();
        let prepare = Sql::ALL.iter().map(async |sql| client.prepare(sql.text()).await);
        let answer_timeout = self.settings.answer_timeout();
        let prepared = timeout(answer_timeout, try_join_all(prepare)).await;
        Ok(prepared.map_err(|_| DatabaseError::NoAnswer(answer_timeout))??)
    }
}

impl managed::Manager for ConnectionManager {
    type Type = Connection;
    type Error = DatabaseError;

    async fn create(&self) -> Result<Connection, DatabaseError> {
        let raw = self.settings.open(&self.connector).await?;
        let statements = if self.settings.keeps_connections() {
            Statements::Prepared(self.prepare(&raw).await?)
        } else {
            Statements::Unnamed { begin: self.settings.begin(READ_COMMITTED) }
        };
        Ok(Connection { raw, statements, is_busy: AtomicBool::new(false) })
    }

    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<DatabaseError> {
        if connection.raw.client().is_closed() {
            return Err(RecycleError::message("the connection was closed"));
        }
        if *connection.is_busy.get_mut() {
            // It comes after what was left, and outside a transaction it does nothing.
            run(connection.raw.client(), "ROLLBACK", CLEAN_UP).await?;
            connection.end();
        }
        Ok(())
    }
}
