//! One attempt to commit several new users in one transaction.

use roster_storage::{Conflict, UnitOfWork};
use tokio_postgres::Row;

use super::attempt::close;
use super::command::{Command, trip};
use super::current_state::CurrentState;
use super::new_users::{NewUser, NewUserRows};
use super::outcome::Failure;
use super::required_rows::{RequiredRows, Scope};
use crate::connection::PooledConnection;
use crate::database::Database;
use crate::sql::Sql;

/// Whether the guards of each unit held.
type Verdicts = Vec<Result<(), Conflict>>;

/// One attempt to commit several new users in one transaction.
#[derive(Clone, Copy)]
pub(super) struct BatchAttempt<'a> {
    database: &'a Database,
    units: &'a [UnitOfWork],
    scope: Scope,
}

impl<'a> BatchAttempt<'a> {
    /// An attempt that checks these values. Every unit creates a user.
    pub(super) const fn new(database: &'a Database, units: &'a [UnitOfWork], scope: Scope) -> Self {
        Self { database, units, scope }
    }

    /// Commits the units whose guards hold.
    pub(super) async fn run(self) -> Result<Verdicts, Failure> {
        let connection = self.database.connection().await.map_err(Failure::before_commit)?;
        let outcome = self.check_and_write(&connection).await;
        close(self.database, connection, outcome.as_ref().err());
        outcome
    }

    async fn check_and_write(self, connection: &PooledConnection) -> Result<Verdicts, Failure> {
        let required = RequiredRows::of(self.units, self.scope);
        let reads: Vec<_> = [Command::bare(Sql::Begin)].into_iter().chain(required.commands()).collect();
        let answers = trip(self.database, connection, &reads).await.map_err(Failure::before_commit)?;
        let (verdicts, mut commands) = match self.decide(&reads, &answers) {
            Ok(decided) => decided,
            Err(failure) => {
                let rolled_back = trip(self.database, connection, &[Command::bare(Sql::Rollback)]).await;
                rolled_back.map_err(Failure::before_commit)?;
                return Err(failure);
            }
        };
        commands.push(Command::bare(Sql::Commit));
        trip(self.database, connection, &commands).await.map_err(Failure::of_commit)?;
        Ok(verdicts)
    }

    /// Which units may be committed, and what to write for them. Each unit sees the users of those before it.
    fn decide(
        self,
        reads: &[Command<'_>],
        answers: &[Vec<Row>],
    ) -> Result<(Verdicts, Vec<Command<'a>>), Failure> {
        let mut state = CurrentState::default();
        for (command, rows) in reads.iter().zip(answers) {
            state.take(command.sql, rows).map_err(Failure::Damaged)?;
        }
        let mut rows = NewUserRows::new(state);
        let verdicts = self.units.iter().filter_map(NewUser::of).map(|new| rows.add(new)).collect();
        Ok((verdicts, rows.commands()))
    }
}
