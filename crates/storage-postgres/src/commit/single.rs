//! A unit: repeated if the server asks for it, and resolved if its outcome is unknown.

use std::sync::Arc;
use std::time::{Duration, Instant};

use roster_storage::{CommitError, UnitOfWork};
use tokio::time::sleep;

use super::attempt::Attempt;
use super::outcome::Failure;
use super::required_rows::Scope;
use crate::connection::DatabaseError;
use crate::database::Database;

/// How often a unit is tried again because it met another one.
const MAX_CONTENDED_ATTEMPTS: u32 = 32;
/// The pause before a unit is sent again after its connection broke, and the longest one.
const PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Commits `work` in a task of its own, so that dropping this future changes nothing.
///
/// # Errors
/// [`CommitError`].
pub(crate) async fn commit(database: &Database, work: UnitOfWork) -> Result<(), CommitError> {
    let commit = Commit::new(database.clone(), work);
    let running = database.runtime().spawn(commit.run_counted());
    running.await.unwrap_or_else(|error| Err(CommitError::OutcomeUnknown(Box::new(error))))
}

/// A unit on its way.
pub(super) struct Commit {
    database: Database,
    work: UnitOfWork,
    deadline: Instant,
    scope: Scope,
    /// How often it has met another unit.
    contended_attempts: u32,
    /// Why it is unknown whether the unit was committed.
    doubt: Option<Arc<DatabaseError>>,
    pause: Duration,
}

impl Commit {
    pub(super) fn new(database: Database, work: UnitOfWork) -> Self {
        let deadline = database.deadline();
        Self {
            database,
            work,
            deadline,
            scope: Scope::Guarded,
            contended_attempts: 0,
            doubt: None,
            pause: PAUSE,
        }
    }

    /// The same unit, if it may have been committed before.
    pub(super) fn doubting(self, doubt: Arc<DatabaseError>) -> Self {
        Self { doubt: Some(doubt), ..self }
    }

    /// Commits it, and counts the outcome.
    pub(super) async fn run_counted(mut self) -> Result<(), CommitError> {
        let outcome = self.run().await;
        if let Err(CommitError::Unavailable(reason)) = &outcome
            && let Some(error) = reason.downcast_ref()
        {
            self.database.note_failed_write(error);
        }
        let counters = self.database.counters();
        match &outcome {
            Ok(()) => counters.commits.increment(),
            Err(CommitError::Conflict(_)) => counters.conflicts.increment(),
            Err(CommitError::Unavailable(_) | CommitError::Damaged(_)) => counters.failures.increment(),
            Err(CommitError::OutcomeUnknown(_)) => counters.unknown_outcomes.increment(),
        }
        outcome
    }

    async fn run(&mut self) -> Result<(), CommitError> {
        loop {
            let attempt = Attempt::new(&self.database, &self.work, self.scope);
            let outcome = match &self.doubt {
                None => attempt.first().await,
                Some(_) => attempt.again().await,
            };
            let Err(failure) = outcome else { return Ok(()) };
            self.handle(failure).await?;
            self.database.counters().retries.increment();
        }
    }

    /// Decides whether another attempt makes sense, and waits for it.
    async fn handle(&mut self, failure: Failure) -> Result<(), CommitError> {
        match failure {
            Failure::Conflict(conflict) => Err(conflict.into()),
            Failure::Damaged(error) => Err(CommitError::Damaged(Box::new(error))),
            Failure::Contended(error) => self.retry_after_contention(error),
            Failure::Lost(error) if self.doubt.is_none() => self.reconnect(error).await,
            Failure::Rejected(error) if self.doubt.is_none() => {
                Err(CommitError::Unavailable(Box::new(error)))
            }
            Failure::Lost(error) | Failure::Rejected(error) | Failure::Unknown(error) => {
                self.doubt(error).await
            }
        }
    }

    /// A concurrent unit got in the way; nothing was changed.
    fn retry_after_contention(&mut self, error: DatabaseError) -> Result<(), CommitError> {
        self.contended_attempts += 1;
        // The name that was taken in between is named by the next attempt.
        self.scope = Scope::Everything;
        if self.contended_attempts < MAX_CONTENDED_ATTEMPTS && !self.is_late() {
            return Ok(());
        }
        Err(match self.doubt.take() {
            None => CommitError::Unavailable(Box::new(error)),
            Some(doubt) => CommitError::OutcomeUnknown(Box::new(doubt)),
        })
    }

    /// The connection broke before anything was written; another one may be good.
    async fn reconnect(&mut self, error: DatabaseError) -> Result<(), CommitError> {
        if self.is_late() {
            return Err(CommitError::Unavailable(Box::new(error)));
        }
        self.wait().await;
        Ok(())
    }

    /// It is unknown whether the unit was committed: waits before it is sent again.
    async fn doubt(&mut self, error: DatabaseError) -> Result<(), CommitError> {
        tracing::warn!(%error, "the outcome of a commit is unknown; looking it up");
        let doubt = self.doubt.take().unwrap_or_else(|| Arc::new(error));
        if self.is_late() {
            return Err(CommitError::OutcomeUnknown(Box::new(doubt)));
        }
        self.doubt = Some(doubt);
        self.wait().await;
        Ok(())
    }

    async fn wait(&mut self) {
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    fn is_late(&self) -> bool {
        Database::is_past(self.deadline)
    }
}
