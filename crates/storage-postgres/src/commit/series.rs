//! Several units, one after the other. New users are committed together.

use std::sync::Arc;

use roster_storage::{CommitError, Conflict, UnitOfWork};
use thiserror::Error;

use super::batch::BatchAttempt;
use super::new_users::NewUser;
use super::outcome::Failure;
use super::required_rows::Scope;
use super::single::Commit;
use crate::connection::DatabaseError;
use crate::database::Database;

/// How many new users are committed in one transaction.
const MOST: usize = 512;

type Outcomes = Vec<Result<(), CommitError>>;

/// An earlier unit of the series failed, and what comes after it must not be there without it.
#[derive(Debug, Error)]
#[error("an earlier unit failed")]
struct NotTried;

/// Commits the units in a task of its own, so that dropping this future changes nothing.
pub(crate) async fn commit_all(database: &Database, units: Vec<UnitOfWork>) -> Outcomes {
    let count = units.len();
    let running = database.runtime().spawn(run(database.clone(), units));
    running.await.unwrap_or_else(|error| {
        let error = Arc::new(error);
        (0..count).map(|_| Err(CommitError::OutcomeUnknown(Box::new(Arc::clone(&error))))).collect()
    })
}

async fn run(database: Database, units: Vec<UnitOfWork>) -> Outcomes {
    let mut series =
        Series { database: &database, outcomes: Vec::with_capacity(units.len()), has_failed: false };
    let is_new = |unit: &UnitOfWork| NewUser::of(unit).is_some();
    for same in units.chunk_by(|one, other| is_new(one) == is_new(other)) {
        for batch in same.chunks(MOST) {
            if batch.len() > 1 && batch.first().is_some_and(is_new) {
                series.commit_together(batch).await;
            } else {
                series.commit_singly(batch, None).await;
            }
        }
    }
    series.outcomes
}

struct Series<'d> {
    database: &'d Database,
    outcomes: Outcomes,
    /// Whether a unit failed, other than by a guard.
    has_failed: bool,
}

impl Series<'_> {
    /// Commits new users in one transaction. If that fails, each is tried alone.
    async fn commit_together(&mut self, units: &[UnitOfWork]) {
        if self.has_failed {
            return self.commit_singly(units, None).await;
        }
        let mut outcome = self.attempt(units, Scope::Guarded).await;
        if let Err(Failure::Contended(_)) = outcome {
            self.database.counters().retries.increment();
            // The name that was taken in between is found by the next attempt.
            outcome = self.attempt(units, Scope::Everything).await;
        }
        match outcome {
            Ok(verdicts) => self.outcomes.extend(verdicts.into_iter().map(|verdict| {
                let counters = self.database.counters();
                let counter = if verdict.is_ok() { &counters.commits } else { &counters.conflicts };
                counter.increment();
                verdict.map_err(CommitError::Conflict)
            })),
            Err(Failure::Unknown(error)) => {
                tracing::warn!(%error, units = units.len(), "the outcome of commits is unknown; looking it up");
                self.commit_singly(units, Some(error)).await;
            }
            Err(_) => self.commit_singly(units, None).await,
        }
    }

    async fn attempt(
        &self,
        units: &[UnitOfWork],
        scope: Scope,
    ) -> Result<Vec<Result<(), Conflict>>, Failure> {
        BatchAttempt::new(self.database, units, scope).run().await
    }

    /// Commits each unit in a transaction of its own. With a `doubt`, they may have been committed before.
    async fn commit_singly(&mut self, units: &[UnitOfWork], doubt: Option<DatabaseError>) {
        let doubt = doubt.map(Arc::new);
        for unit in units {
            let outcome = match (self.has_failed, &doubt) {
                (false, None) => Commit::new(self.database.clone(), unit.clone()).run_counted().await,
                (false, Some(doubt)) => {
                    let commit = Commit::new(self.database.clone(), unit.clone());
                    commit.doubting(Arc::clone(doubt)).run_counted().await
                }
                (true, None) => Err(CommitError::Unavailable(Box::new(NotTried))),
                (true, Some(_)) => Err(CommitError::OutcomeUnknown(Box::new(NotTried))),
            };
            self.has_failed |= !matches!(outcome, Ok(()) | Err(CommitError::Conflict(_)));
            self.outcomes.push(outcome);
        }
    }
}
