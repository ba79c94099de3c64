//! One user.

use crate::{Call, Error, Roster};
use roster_domain::{User, UserId, policy};
use std::sync::Arc;

impl Roster {
    /// The user `id`, for themselves or with `users:read`.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up; [`Error::UserNotFound`]; [`Error::Store`].
    pub async fn show_user(&self, call: &Call, id: UserId) -> Result<Arc<User>, Error> {
        policy::read(&call.principal, id)?;
        self.existing_user(id).await
    }
}
