//! Several units, one after the other. New users are committed together.

use std::sync::Arc;

use futures_util::{FutureExt, StreamExt, stream};
use roster_storage::{CommitError, UnitOfWork};
use thiserror::Error;
use tokio::time::timeout;

use super::batch::{BatchAttempt, Verdicts, WrittenBatch};
use super::footprint::Footprint;
use super::new_users::NewUser;
use super::outcome::Failure;
use super::required_rows::Scope;
use super::single::Commit;
use super::turn::{Earlier, Turn};
use crate::connection::DatabaseError;
use crate::database::Database;

/// How many new users are committed in one transaction.
const MOST: usize = 512;

/// How many batches are under way: while the users of one are committed, those of the next are written.
const UNDER_WAY: usize = 2;

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
    let batches: Vec<_> = batches(&database, &units).into_iter().map(|batch| batch.run().boxed()).collect();
    let mut running = stream::iter(batches).buffered(UNDER_WAY);
    let mut outcomes = Vec::with_capacity(units.len());
    while let Some(more) = running.next().await {
        outcomes.extend(more);
    }
    outcomes
}

/// Divides the series into units that are committed together, and those that are committed one by one.
fn batches<'a>(database: &'a Database, units: &'a [UnitOfWork]) -> Vec<Batch<'a>> {
    let is_new = |unit: &UnitOfWork| NewUser::of(unit).is_some();
    let (mut batches, mut turn, mut last) = (Vec::new(), Turn::first(), None);
    for same in units.chunk_by(|one, other| is_new(one) == is_new(other)) {
        for units in same.chunks(MOST) {
            let is_together = units.len() > 1 && units.first().is_some_and(is_new);
            let footprint = is_together.then(|| Footprint::of(units));
            let kind = match (&footprint, &last) {
                (None, _) => BatchKind::Single,
                (Some(own), Some(earlier)) if own.is_apart_from(earlier) => BatchKind::Ahead,
                (Some(_), _) => BatchKind::InTurn,
            };
            last = footprint;
            let next = turn.next();
            batches.push(Batch { database, units, kind, turn: std::mem::replace(&mut turn, next) });
        }
    }
    batches
}

/// How the units of a batch are committed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BatchKind {
    /// Each in a transaction of its own.
    Single,
    /// In one transaction, after the batch before this one.
    InTurn,
    /// In one transaction, which begins while the batch before this one is under way.
    Ahead,
}

struct Batch<'a> {
    database: &'a Database,
    units: &'a [UnitOfWork],
    kind: BatchKind,
    turn: Turn,
}

impl Batch<'_> {
    async fn run(self) -> Outcomes {
        let Self { database, units, kind, mut turn } = self;
        let mut series =
            Series { database, outcomes: Vec::with_capacity(units.len()), earlier: Earlier::Settled };
        let ahead = match kind {
            BatchKind::Ahead => series.write_ahead(units, &mut turn).await,
            BatchKind::Single | BatchKind::InTurn => None,
        };
        series.earlier = turn.come().await;
        match (kind, ahead) {
            (_, Some(written)) => series.commit_written(units, written).await,
            (BatchKind::Single, None) => series.commit_singly(units, None).await,
            (BatchKind::InTurn | BatchKind::Ahead, None) => series.commit_together(units).await,
        }
        turn.end(series.earlier);
        series.outcomes
    }
}

struct Series<'d> {
    database: &'d Database,
    outcomes: Outcomes,
    /// What became of the units so far.
    earlier: Earlier,
}

impl<'d> Series<'d> {
    /// Writes new users before their turn. `None` if that fails, or the turn does not come for long.
    async fn write_ahead<'a>(&self, units: &'a [UnitOfWork], turn: &mut Turn) -> Option<WrittenBatch<'a>>
    where
        'd: 'a,
    {
        let written = BatchAttempt::new(self.database, units, Scope::Guarded).write().await.ok()?;
        if timeout(self.database.patience(), turn.come()).await.is_ok() {
            return Some(written);
        }
        written.roll_back().await;
        None
    }

    /// Commits new users who were written before their turn.
    async fn commit_written(&mut self, units: &[UnitOfWork], written: WrittenBatch<'_>) {
        if self.earlier == Earlier::Failed {
            written.roll_back().await;
            return self.commit_singly(units, None).await;
        }
        match written.commit().await {
            Err(Failure::Contended(_)) => {
                self.database.counters().retries.increment();
                self.commit_together(units).await;
            }
            outcome => self.settle(units, outcome).await,
        }
    }

    /// Commits new users in one transaction. If that fails, each is tried alone.
    async fn commit_together(&mut self, units: &[UnitOfWork]) {
        if self.earlier == Earlier::Failed {
            return self.commit_singly(units, None).await;
        }
        let mut outcome = self.attempt(units, Scope::Guarded).await;
        if let Err(Failure::Contended(_)) = outcome {
            self.database.counters().retries.increment();
            // The name that was taken in between is found by the next attempt.
            outcome = self.attempt(units, Scope::Everything).await;
        }
        self.settle(units, outcome).await;
    }

    async fn attempt(&self, units: &[UnitOfWork], scope: Scope) -> Result<Verdicts, Failure> {
        BatchAttempt::new(self.database, units, scope).write().await?.commit().await
    }

    async fn settle(&mut self, units: &[UnitOfWork], outcome: Result<Verdicts, Failure>) {
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

    /// Commits each unit in a transaction of its own. With a `doubt`, they may have been committed before.
    async fn commit_singly(&mut self, units: &[UnitOfWork], doubt: Option<DatabaseError>) {
        let doubt = doubt.map(Arc::new);
        for unit in units {
            let outcome = match (self.earlier, &doubt) {
                (Earlier::Settled, None) => {
                    Commit::new(self.database.clone(), unit.clone()).run_counted().await
                }
                (Earlier::Settled, Some(doubt)) => {
                    let commit = Commit::new(self.database.clone(), unit.clone());
                    commit.doubting(Arc::clone(doubt)).run_counted().await
                }
                (Earlier::Failed, None) => Err(CommitError::Unavailable(Box::new(NotTried))),
                (Earlier::Failed, Some(_)) => Err(CommitError::OutcomeUnknown(Box::new(NotTried))),
            };
            if !matches!(outcome, Ok(()) | Err(CommitError::Conflict(_))) {
                self.earlier = Earlier::Failed;
            }
            self.outcomes.push(outcome);
        }
    }
}
