//! One attempt to commit several new users in one transaction.

use roster_storage::{Conflict, UnitOfWork};
use tokio_postgres::Row;

use super::attempt::close;
use super::command::{Command, trip};
use super::current_state::CurrentState;
use super::new_users::{NewUser, NewUserCommands, NewUserRows};
use super::outcome::Failure;
use super::required_rows::{RequiredRows, Scope};
use crate::connection::PooledConnection;
use crate::database::Database;
use crate::sql::Sql;

/// Whether the guards of each unit held.
pub(super) type Verdicts = Vec<Result<(), Conflict>>;

/// One attempt to commit several new users in one transaction.
#[derive(Clone, Copy)]
pub(super) struct BatchAttempt<'a> {
    database: &'a Database,
    units: &'a [UnitOfWork],
    scope: Scope,
}

/// New users in an open transaction, without their audit records.
pub(super) struct WrittenBatch<'a> {
    database: &'a Database,
    connection: PooledConnection,
    verdicts: Verdicts,
    records: Option<Command<'a>>,
}

impl<'a> BatchAttempt<'a> {
    /// An attempt that checks these values. Every unit creates a user.
    pub(super) const fn new(database: &'a Database, units: &'a [UnitOfWork], scope: Scope) -> Self {
        Self { database, units, scope }
    }

    /// Writes the users whose guards hold.
    pub(super) async fn write(self) -> Result<WrittenBatch<'a>, Failure> {
        let connection = self.database.connection().await.map_err(Failure::before_commit)?;
        match self.check_and_write(&connection).await {
            Ok((verdicts, records)) => {
                Ok(WrittenBatch { database: self.database, connection, verdicts, records })
            }
            Err(failure) => {
                close(self.database, connection, Some(&failure));
                Err(failure)
            }
        }
    }

    async fn check_and_write(
        self,
        connection: &PooledConnection,
    ) -> Result<(Verdicts, Option<Command<'a>>), Failure> {
        let required = RequiredRows::of(self.units, self.scope);
        let reads: Vec<_> = [Command::bare(Sql::Begin)].into_iter().chain(required.commands()).collect();
        let answers = trip(self.database, connection, &reads).await.map_err(Failure::before_commit)?;
        let (verdicts, NewUserCommands { users, records }) = match self.decide(&reads, &answers) {
            Ok(decided) => decided,
            Err(failure) => {
                let rolled_back = trip(self.database, connection, &[Command::bare(Sql::Rollback)]).await;
                rolled_back.map_err(Failure::before_commit)?;
                return Err(failure);
            }
        };
        trip(self.database, connection, &users).await.map_err(Failure::before_commit)?;
        Ok((verdicts, records))
    }

    /// Which units may be committed, and what to write for them. Each unit sees the users of those before it.
    fn decide(
        self,
        reads: &[Command<'_>],
        answers: &[Vec<Row>],
    ) -> Result<(Verdicts, NewUserCommands<'a>), Failure> {
        let mut state = CurrentState::default();
        for (command, rows) in reads.iter().zip(answers) {
            state.take(command.sql, rows).map_err(Failure::Damaged)?;
        }
        let mut rows = NewUserRows::new(state);
        let verdicts = self.units.iter().filter_map(NewUser::of).map(|new| rows.add(new)).collect();
        Ok((verdicts, rows.commands()))
    }
}

impl WrittenBatch<'_> {
    /// Commits the users with their audit records.
    pub(super) async fn commit(self) -> Result<Verdicts, Failure> {
        let Self { database, connection, verdicts, records } = self;
        let commands: Vec<_> = records.into_iter().chain([Command::bare(Sql::Commit)]).collect();
        let outcome = trip(database, &connection, &commands).await.map_err(Failure::of_commit);
        close(database, connection, outcome.as_ref().err());
        outcome.map(|_| verdicts)
    }

    /// Gives the users up, so that nobody waits for them.
    pub(super) async fn roll_back(self) {
        let rolled_back = trip(self.database, &self.connection, &[Command::bare(Sql::Rollback)]).await;
        match rolled_back {
            Ok(_) => self.connection.end(),
            Err(error) => self.database.discard(self.connection, &error),
        }
    }
}
