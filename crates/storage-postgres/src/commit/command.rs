//! Statements that are sent together, in one trip.

use futures_util::FutureExt;
use tokio::time::timeout;
use tokio_postgres::Row;

use crate::connection::{Connection, DatabaseError};
use crate::database::Database;
use crate::parameter::Parameter;
use crate::sql::Sql;

/// A prepared statement with its parameters.
pub(super) struct Command<'a> {
    pub(super) sql: Sql,
    parameters: Vec<Parameter<'a>>,
}

impl<'a> Command<'a> {
    /// A statement with these parameters.
    pub(super) const fn new(sql: Sql, parameters: Vec<Parameter<'a>>) -> Self {
        Self { sql, parameters }
    }

    /// A statement without parameters.
    pub(super) const fn bare(sql: Sql) -> Self {
        Self::new(sql, Vec::new())
    }

    async fn run(&self, connection: &Connection) -> Result<Vec<Row>, tokio_postgres::Error> {
        connection.query(self.sql, &self.parameters).await
    }
}

/// Sends all commands, in their order, and then waits for all answers, which come in the same order.
///
/// # Errors
/// The first error. The server skips what follows it in the transaction, and a commit rolls back.
pub(super) async fn trip(
    database: &Database,
    connection: &Connection,
    commands: &[Command<'_>],
) -> Result<Vec<Vec<Row>>, DatabaseError> {
    let answer_timeout = database.answer_timeout();
    let answers = timeout(answer_timeout, answers(connection, commands)).await;
    let answers = answers.map_err(|_| DatabaseError::NoAnswer(answer_timeout))?;
    Ok(answers.into_iter().collect::<Result<_, _>>()?)
}

async fn answers(
    connection: &Connection,
    commands: &[Command<'_>],
) -> Vec<Result<Vec<Row>, tokio_postgres::Error>> {
    let mut running = Vec::with_capacity(commands.len());
    for command in commands {
        let mut command = Box::pin(command.run(connection));
        // It is sent when it is polled for the first time.
        let early = command.as_mut().now_or_never();
        let is_unsendable = matches!(early, Some(Err(_)));
        running.push((command, early));
        // The commit must not be carried out without this statement.
        if is_unsendable {
            break;
        }
    }
    let mut answers = Vec::with_capacity(running.len());
    for (command, early) in running {
        answers.push(match early {
            Some(answer) => answer,
            None => command.await,
        });
    }
    answers
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use jiff::Timestamp;
    use roster_domain::Action;
    use roster_storage::contract::{People, record};
    use roster_storage_sql::AuditRow;

    use super::*;
    use crate::settings::PostgresStoreSettings;
    use crate::store::PostgresStore;

    #[tokio::test]
    async fn a_commit_is_not_sent_after_a_statement_that_cannot_be() -> Result<(), Box<dyn Error>> {
        let Some(server) = roster_test_postgres::database() else { return Ok(()) };
        let settings = PostgresStoreSettings::new(server.url().parse()?, Timestamp::UNIX_EPOCH);
        let store = PostgresStore::open(settings).await?;
        let record = record(Action::LoggedIn, People.nth(1).id);
        let insert = AuditRow::values(&record).into_iter().map(Parameter::Value).collect();
        let commands = [
            Command::bare(Sql::Begin),
            Command::new(Sql::InsertAudit, insert),
            Command::new(Sql::DeleteUser, vec![Parameter::Texts(Vec::new())]),
            Command::bare(Sql::Commit),
        ];
        let connection = store.database.connection().await?;
        assert!(trip(&store.database, &connection, &commands).await.is_err());
        let lock = [Command::new(Sql::LockAudit, vec![(*record.id.as_uuid()).into()])];
        let other = store.database.connection().await?;
        assert!(trip(&store.database, &other, &lock).await?[0].is_empty(), "it was committed");
        Ok(())
    }
}
