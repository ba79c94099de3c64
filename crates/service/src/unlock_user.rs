//! A person who has to wait no longer.

use crate::optimistic::retry;
use crate::{Call, Error, Roster};
use roster_domain::{Action, Permission, UserId, policy};
use roster_storage::{Guard, UnitOfWork};

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
        self.note_denial(call, Action::UserUnlocked, id, unlocked)
    }

    async fn try_unlock(&self, call: &Call, id: UserId) -> Result<(), Error> {
        policy::require(&call.principal, Permission::UsersUpdate)?;
        retry(|| async {
            let user = self.existing_user(id).await?;
            policy::may_manage(&call.principal, &user)?;
            let work = UnitOfWork::audited(self.record(call, Action::UserUnlocked, id))
                .require(Guard::UserVersion(id, user.version))
                .require_all(call.authority());
            let committed = self.try_commit(work, |guard| matches!(guard, Guard::UserVersion(..))).await?;
            Ok(committed.map(|()| self.limits().unlock(&user)))
        })
        .await
    }
}
