//! A long transaction on a connection of its own. Dropping it rolls back.

use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{FromSqlOwned, ToSql, Type};

use crate::connection::{DatabaseError, RawConnection, SessionSettings, run};
use crate::parameter::Parameter;

/// A connection with a transaction, or on the way to one.
pub(crate) struct Transaction {
    connection: RawConnection,
    session: SessionSettings,
}

impl Transaction {
    /// Uses this connection, which was opened with these settings.
    pub(crate) const fn new(connection: RawConnection, session: SessionSettings) -> Self {
        Self { connection, session }
    }

    /// Begins the transaction. `mode` is what follows `BEGIN`.
    ///
    /// # Errors
    /// [`DatabaseError`]. The same applies to the other methods.
    pub(crate) async fn begin(&self, mode: &str) -> Result<(), DatabaseError> {
        self.run(&self.session.begin(mode)).await
    }

    /// Runs statements without parameters.
    pub(crate) async fn run(&self, statements: &str) -> Result<(), DatabaseError> {
        run(self.connection.client(), statements, self.session.answer_timeout()).await
    }

    /// Reads rows.
    pub(crate) async fn rows(
        &self,
        statement: &str,
        parameters: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<Row>, DatabaseError> {
        self.in_time(self.connection.client().query_typed(statement, parameters)).await
    }

    /// Reads the only value of the only row.
    pub(crate) async fn value<T: FromSqlOwned>(&self, statement: &str) -> Result<T, DatabaseError> {
        let rows = self.rows(statement, &[]).await?;
        let row = rows.first().ok_or(DatabaseError::NoRow)?;
        Ok(row.try_get(0)?)
    }

    /// Sends rows to a `COPY … FROM STDIN BINARY`.
    pub(crate) async fn copy(
        &self,
        statement: &str,
        rows: &[Vec<Parameter<'_>>],
    ) -> Result<(), DatabaseError> {
        let Some(first) = rows.first() else { return Ok(()) };
        let types: Vec<Type> = first.iter().map(Parameter::sql_type).collect();
        let copying = async {
            let sink = self.connection.client().copy_in(statement).await?;
            let mut writer = Box::pin(BinaryCopyInWriter::new(sink, &types));
            for row in rows {
                let values: Vec<&(dyn ToSql + Sync)> = row.iter().map(Parameter::as_sql).collect();
                writer.as_mut().write(&values).await?;
            }
            writer.as_mut().finish().await.map(drop)
        };
        self.in_time(copying).await
    }

    async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, DatabaseError> {
        let answer_timeout = self.session.answer_timeout();
        let done = timeout(answer_timeout, work).await;
        Ok(done.map_err(|_| DatabaseError::NoAnswer(answer_timeout))??)
    }
}
