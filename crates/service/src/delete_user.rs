//! An erased person.

use crate::optimistic::retry;
use crate::{Call, Error, Precondition, Roster};
use roster_domain::{Action, UserId, policy};
use roster_storage::{Change, Guard, UnitOfWork};

impl Roster {
    /// Erases a person's data: oneself, or with `users:delete` anybody whose permissions one holds. The
    /// audit log keeps ids only.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up where the user is not the caller's to delete;
    /// [`Error::UserNotFound`]; [`Error::PreconditionFailed`]; [`Error::LoginTooOld`]; [`Error::LastAdministrator`]; the
    /// store's.
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
        retry(|| async {
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
