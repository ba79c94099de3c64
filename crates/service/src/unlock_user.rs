//! A person who has to wait no longer.

use crate::{Call, Error, Roster};
use roster_domain::{Action, Permission, UserId, policy};
use roster_storage::{CommitError, Conflict, Guard, UnitOfWork};

/// How often unlocking is decided anew because others changed the user meanwhile.
const ATTEMPTS: usize = 32;

impl Roster {
    /// Lifts the login delays at every name of a person: with `users:update`, for anybody whose permissions one holds.
    /// The limit on failures of a client stays: it is not about the person. Delays are in the memory of the process that
    /// serves logins, so this means something there only; it is recorded everywhere.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up without `users:update`; [`Error::UserNotFound`]; [`Error::Contended`]; the
    /// store's.
    pub async fn unlock_user(&self, call: &Call, id: UserId) -> Result<(), Error> {
        let unlocked = self.try_unlock(call, id).await;
        self.noting_denial(call, Action::UserUnlocked, id, unlocked)
    }

    async fn try_unlock(&self, call: &Call, id: UserId) -> Result<(), Error> {
        policy::require(&call.principal, Permission::UsersUpdate)?;
        for _ in 0..ATTEMPTS {
            let user = self.existing_user(id).await?;
            policy::may_manage(&call.principal, &user)?;
            let work = UnitOfWork::audited(self.record(call, Action::UserUnlocked, id))
                .require(Guard::UserVersion(id, user.version))
                .require_all(call.authority());
            match self.store().commit(work).await {
                Ok(()) => {
                    self.limits().unlock(&user);
                    return Ok(());
                }
                Err(CommitError::Conflict(Conflict(Guard::UserVersion(..)))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contended)
    }
}
