//! The end of the delays after failed logins.

use crate::{Call, Error, Roster};
use roster_domain::{Action, Permission, UserId, policy};
use roster_storage::UnitOfWork;

impl Roster {
    /// Lifts the delays and limits that failed logins have left at every name of a person, with `users:update` and
    /// every permission that they have. What is counted against an address stays. Delays are in the memory of the
    /// process that serves logins, so this means something there only; it is recorded everywhere.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up where the caller may change nobody; [`Error::UserNotFound`]; the store's.
    pub async fn unlock_user(&self, call: &Call, id: UserId) -> Result<(), Error> {
        policy::hold(&call.principal, Permission::UsersUpdate)?;
        let user = self.existing_user(id).await?;
        policy::govern(&call.principal, &user)?;
        let record = self.record(call, Action::UserUnlocked, id);
        self.store().commit(UnitOfWork::audited(record).require_all(call.authority())).await?;
        self.limits().unlock(&user);
        Ok(())
    }
}
