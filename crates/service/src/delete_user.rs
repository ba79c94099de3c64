//! Deletes a user.

use crate::{Call, Error, Precondition, Roster};
use roster_domain::{Action, UserId, policy};
use roster_storage::{Change, Guard, UnitOfWork};

impl Roster {
    /// Deletes a user and their data. Users may delete themselves. With `users:delete`, callers may delete users who hold
    /// no permission that the caller lacks. The audit log keeps only ids.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up if the caller may not delete this user;
    /// [`Error::UserNotFound`]; [`Error::PreconditionFailed`]; [`Error::LoginTooOld`]; [`Error::LastAdministrator`]; the
    /// errors of the store.
    pub async fn delete_user(
        &self,
        call: &Call,
        id: UserId,
        precondition: &Precondition,
    ) -> Result<(), Error> {
        let deleted = self.try_delete(call, id, precondition).await;
        self.note_denial(call, Action::UserDeleted, id, deleted)
    }

    async fn try_delete(&self, call: &Call, id: UserId, precondition: &Precondition) -> Result<(), Error> {
        policy::delete(&call.principal, id)?;
        self.retry(|| async {
            let user = self.existing_user(id).await?;
            precondition.check(&user)?;
            policy::may_manage(&call.principal, &user)?;
            self.require_recent_login(call)?;
            let work = UnitOfWork::audited(self.record(call, Action::UserDeleted, id))
                .require(Guard::UserVersion(id, user.version))
                .require_all(call.authority());
            let work =
                if user.is_active_admin() { work.require(Guard::AnotherAdminRemains(id)) } else { work };
            let work = work.write(Change::RemoveUser(id));
            self.try_commit(work, |guard| matches!(guard, Guard::UserVersion(..))).await
        })
        .await
    }
}
