//! Lists users.

use crate::{Call, Error, Roster};
use roster_domain::{Page, Permission, User, UserQuery, policy};
use std::sync::Arc;

impl Roster {
    /// One page of the users that match `query`. The caller needs `users:read`.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Store`].
    pub async fn list_users(&self, call: &Call, query: &UserQuery) -> Result<Page<Arc<User>>, Error> {
        policy::require(&call.principal, Permission::UsersRead)?;
        Ok(self.store().users(query).await?)
    }
}
