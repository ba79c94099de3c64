//! The pool of connections, each with every statement prepared, unless a pooler lends them for one transaction.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{self, BuildError, Metrics, Object, RecycleError, RecycleResult};
use futures_util::future::try_join_all;
use tokio::time::timeout;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Row, Statement};

use super::connector::{Connector, RawConnection};
use super::error::DatabaseError;
use super::session::{SessionSettings, run};
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
pub(crate) type Pool = managed::Pool<ConnectionManager>;

/// A connection that returns to the pool.
pub(crate) type PooledConnection = Object<ConnectionManager>;

/// How long a rollback may take on a connection that a request has left.
const CLEAN_UP: Duration = Duration::from_secs(1);

/// A pool of at most `size` connections.
pub(crate) fn pool(connector: Connector, settings: SessionSettings, size: usize) -> Result<Pool, BuildError> {
    // The connection that was used last is the one whose caches are warm.
    let builder = Pool::builder(ConnectionManager { connector, settings }).max_size(size);
    builder.queue_mode(managed::QueueMode::Lifo).runtime(Runtime::Tokio1).build()
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
