//! Lifts the login delays of a user.

use crate::{Call, Error, Roster};
use roster_domain::{Action, Permission, UserId, policy};
use roster_storage::{Guard, UnitOfWork};

impl Roster {
    /// Lifts the login delays for every name of a user. The caller needs `users:update` and all permissions of the user.
    /// The limit on failures of a client stays, because it is not about the user. Unless servers share
    /// them, delays are in the memory of the server, so this has an effect only there; the audit record is written in any
    /// process.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up without `users:update`; [`Error::UserNotFound`]; [`Error::Contended`]; the
    /// errors of the store.
    pub async fn unlock_user(&self, call: &Call, id: UserId) -> Result<(), Error> {
        let unlocked = self.try_unlock(call, id).await;
        self.note_denial(call, Action::UserUnlocked, id, unlocked)
    }

    async fn try_unlock(&self, call: &Call, id: UserId) -> Result<(), Error> {
        policy::require(&call.principal, Permission::UsersUpdate)?;
        self.retry(|| async {
            let user = self.existing_user(id).await?;
            policy::may_manage(&call.principal, &user)?;
            let work = UnitOfWork::audited(self.record(call, Action::UserUnlocked, id))
                .require(Guard::UserVersion(id, user.version))
                .require_all(call.authority());
            let committed = self.try_commit(work, |guard| matches!(guard, Guard::UserVersion(..))).await?;
            if committed.is_some() {
                self.limits().unlock(&user).await?;
            }
            Ok(committed)
        })
        .await
    }
}
