//! Optimistic concurrency: a use case decides on what it has read and states that as guards. If the commit refuses
//! because of a change made meanwhile, the use case reads and decides again.

use crate::{Error, Roster};
use roster_storage::{CommitError, Conflict, Guard, UnitOfWork};

/// How many times a use case decides before it gives up.
const ATTEMPTS: usize = 64;

/// Calls `attempt` until it gives a result. `None` means that something it had read was changed meanwhile.
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
    /// Commits `work`. `None` if the guard that failed is one of those that `is_retried` names.
    ///
    /// # Errors
    /// Every other conflict, and the store's.
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
