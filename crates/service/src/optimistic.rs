//! Optimistic concurrency: a use case reads, decides, and states what it read as guards. If the commit fails because of
//! a concurrent change, the use case reads and decides again.

use crate::{Error, Roster};
use roster_storage::{CommitError, Conflict, Guard, UnitOfWork};

/// How many times a use case tries before it gives up.
const ATTEMPTS: usize = 64;

/// Calls `attempt` until it returns a result. `None` means that something it had read has changed meanwhile.
///
/// # Errors
/// The first error of `attempt`; [`Error::Contended`] if every attempt was overtaken.
pub(crate) async fn retry<T, F>(attempt: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<Option<T>, Error>>,
{
    for _ in 0..ATTEMPTS {
        if let Some(result) = attempt().await? {
            return Ok(result);
        }
    }
    Err(Error::Contended)
}

impl Roster {
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
