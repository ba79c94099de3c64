//! Shows a user.

use crate::{Call, Error, Roster};
use roster_domain::{Action, User, UserId, policy};
use std::sync::Arc;

impl Roster {
    /// The user `id`. Users may read themselves; `users:read` allows reading any user.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up; [`Error::UserNotFound`]; [`Error::Store`].
    pub async fn show_user(&self, call: &Call, id: UserId) -> Result<Arc<User>, Error> {
        let allowed = policy::read(&call.principal, id).map_err(Error::from);
        self.note_denial(call, Action::UserRead, id, allowed)?;
        self.existing_user(id).await
    }
}
