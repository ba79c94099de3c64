//! Whether an access token is active (RFC 7662).

use crate::{Call, Error, Roster};
use roster_auth::token::{Claims, Subject};
use roster_domain::{Permission, Permissions, Username, policy};
use std::sync::Arc;

/// An access token that is active, and what it stands for now.
#[derive(Debug)]
pub struct ActiveToken {
    /// What it says.
    pub claims: Arc<Claims>,
    /// What it grants now, which may be less than it says.
    pub permissions: Permissions,
    /// The user's name, if it is a user's.
    pub username: Option<Username>,
}

impl Roster {
    /// What `token` stands for, if it is an access token that Roster itself would accept now. Refresh tokens and API
    /// keys are for Roster alone: to another service none of them is a token, whether it is good or not.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Store`].
    pub async fn introspect(&self, call: &Call, token: &str) -> Result<Option<ActiveToken>, Error> {
        policy::require(&call.principal, Permission::TokensIntrospect)?;
        let now = self.parts().clock.now();
        let Ok(claims) = self.parts().token_verifier.verify(token, now) else { return Ok(None) };
        let permissions = match self.call_of(&claims, call.origin.clone()).await {
            // No other service is to take them for themselves before they have replaced a temporary password.
            Ok(subject) if subject.principal.must_change_password() => return Ok(None),
            Ok(subject) => subject.principal.permissions(),
            Err(Error::InvalidToken) => return Ok(None),
            Err(error) => return Err(error),
        };
        let username = match claims.sub {
            Subject::User(id) => self.store().user(id).await?.map(|user| user.username.clone()),
            Subject::ServiceAccount { .. } => None,
        };
        Ok(Some(ActiveToken { claims, permissions, username }))
    }
}
