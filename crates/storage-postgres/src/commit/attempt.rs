//! One attempt to commit a unit.

use roster_domain::AuditRecord;
use roster_storage::UnitOfWork;
use roster_storage_sql::AuditRow;
use tokio_postgres::Row;

use super::command::{Command, trip};
use super::current_state::CurrentState;
use super::outcome::Failure;
use super::required_rows::{RequiredRows, Scope};
use super::writes::Writes;
use crate::connection::{DatabaseError, PooledConnection};
use crate::database::Database;
use crate::parameter::Parameter;
use crate::sql::Sql;

/// One attempt to commit a unit.
#[derive(Clone, Copy)]
pub(super) struct Attempt<'a> {
    database: &'a Database,
    work: &'a UnitOfWork,
    scope: Scope,
}

/// Whether `BEGIN` was sent, and the audit record with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TransactionStart {
    Pending,
    SentWithRecord,
}

impl<'a> Attempt<'a> {
    /// An attempt that checks these values.
    pub(super) const fn new(database: &'a Database, work: &'a UnitOfWork, scope: Scope) -> Self {
        Self { database, work, scope }
    }

    /// Commits a unit that was not committed yet.
    pub(super) async fn first(self) -> Result<(), Failure> {
        let connection = self.database.connection().await.map_err(Failure::before_commit)?;
        let outcome = self.check_and_write(&connection, TransactionStart::Pending).await;
        close(self.database, connection, outcome.as_ref().err());
        outcome
    }

    /// Commits a unit that may have been committed before. Without an audit record, to commit it twice does no harm:
    /// maintenance names the state that it leads from.
    pub(super) async fn again(self) -> Result<(), Failure> {
        let Some(record) = self.work.record() else { return self.first().await };
        let connection = self.database.connection().await.map_err(Failure::before_commit)?;
        let outcome = self.check_and_write_once(&connection, record).await;
        close(self.database, connection, outcome.as_ref().err());
        outcome
    }

    async fn check_and_write_once(
        self,
        connection: &PooledConnection,
        record: &AuditRecord,
    ) -> Result<(), Failure> {
        let insert = audit(Sql::InsertAuditOnce, record);
        let answers = self.trip(connection, &[Command::bare(Sql::Begin), insert]).await;
        let inserted = answers.map_err(Failure::before_commit)?.pop();
        if inserted.is_some_and(|rows| !rows.is_empty()) {
            return self.check_and_write(connection, TransactionStart::SentWithRecord).await;
        }
        // It was committed. A standby may lack it: this commit waits for that.
        let lock = Command::new(Sql::LockAudit, vec![(*record.id.as_uuid()).into()]);
        self.trip(connection, &[lock, Command::bare(Sql::Commit)]).await.map_err(Failure::of_commit).map(drop)
    }

    async fn check_and_write(
        self,
        connection: &PooledConnection,
        sent: TransactionStart,
    ) -> Result<(), Failure> {
        let required = RequiredRows::of(std::slice::from_ref(self.work), self.scope);
        let begin = (sent == TransactionStart::Pending).then(|| Command::bare(Sql::Begin));
        let reads: Vec<_> = begin.into_iter().chain(required.commands()).collect();
        let answers = self.trip(connection, &reads).await.map_err(Failure::before_commit)?;
        let mut commands = match self.decide(&reads, &answers) {
            Ok(commands) => commands,
            Err(failure) => {
                let rolled_back = self.trip(connection, &[Command::bare(Sql::Rollback)]).await;
                rolled_back.map_err(Failure::before_commit)?;
                return Err(failure);
            }
        };
        let record = self.work.record().filter(|_| sent == TransactionStart::Pending);
        commands.extend(record.map(|record| audit(Sql::InsertAudit, record)));
        commands.push(Command::bare(Sql::Commit));
        self.trip(connection, &commands).await.map_err(Failure::of_commit).map(drop)
    }

    /// What to write, if the guards hold.
    fn decide(self, reads: &[Command<'_>], answers: &[Vec<Row>]) -> Result<Vec<Command<'a>>, Failure> {
        let mut state = CurrentState::default();
        for (command, rows) in reads.iter().zip(answers) {
            state.take(command.sql, rows).map_err(Failure::Damaged)?;
        }
        state.check(self.work.guards()).map_err(Failure::Conflict)?;
        Writes::of(self.work.changes(), state).map_err(Failure::Conflict)
    }

    async fn trip(
        self,
        connection: &PooledConnection,
        commands: &[Command<'_>],
    ) -> Result<Vec<Vec<Row>>, DatabaseError> {
        trip(self.database, connection, commands).await
    }
}

/// Returns the connection to the pool, or closes it if an answer is outstanding. One with an open transaction stays marked
/// as busy, so that it is rolled back before anybody else uses it.
pub(super) fn close(database: &Database, connection: PooledConnection, failure: Option<&Failure>) {
    match failure {
        None | Some(Failure::Conflict(_) | Failure::Damaged(_)) => connection.end(),
        // The transaction has failed and holds nothing, but it is still open.
        Some(Failure::Contended(_)) => {}
        Some(Failure::Rejected(error)) if error.code().is_some() => {}
        Some(Failure::Lost(error) | Failure::Rejected(error) | Failure::Unknown(error)) => {
            database.discard(connection, error);
        }
    }
}

/// A statement that stores the record.
fn audit(sql: Sql, record: &AuditRecord) -> Command<'_> {
    Command::new(sql, AuditRow::values(record).into_iter().map(Parameter::Value).collect())
}
