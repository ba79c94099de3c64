//! Optimistic concurrency: a use case reads, decides, and states what it read as guards. If the commit fails because of
//! a concurrent change, the use case reads and decides again.

use crate::{Error, Roster};
use roster_storage::{CommitError, Conflict, Guard, UnitOfWork};

impl Roster {
    /// Calls `attempt` until it returns a result. `None` means that something it had read has changed meanwhile.
    ///
    /// # Errors
    /// The first error of `attempt`; [`Error::Contended`] if every attempt was overtaken.
    pub(crate) async fn retry<T, F>(&self, attempt: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<Option<T>, Error>>,
    {
        self.overtaken().retry(attempt).await
    }

    /// Commits `work`. Returns `None` if a guard fails for which `is_retried` returns true.
    ///
    /// # Errors
    /// Every other conflict; the errors of the store.
    pub(crate) async fn try_commit(
        &self,
        work: UnitOfWork,
        is_retried: impl Fn(&Guard) -> bool,
    ) -> Result<Option<()>, Error> {
        match self.store().commit(work).await {
            Ok(()) => Ok(Some(())),
            Err(CommitError::Conflict(Conflict(guard))) if is_retried(&guard) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}
