//! Tells other services whether an access token is active (RFC 7662).

use crate::{Call, Error, Roster};
use roster_auth::token::{Claims, Subject};
use roster_domain::{Permission, Permissions, Username, policy};
use std::sync::Arc;

/// An active access token.
#[derive(Debug)]
pub struct ActiveToken {
    /// The claims of the token.
    pub claims: Arc<Claims>,
    /// The permissions it grants now, which may be fewer than its claims say.
    pub permissions: Permissions,
    /// The username, if the token belongs to a user.
    pub username: Option<Username>,
}

impl Roster {
    /// Returns `token` if it is an access token that Roster would accept now. Refresh tokens and API keys are for Roster
    /// only, so they are never reported as active.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Store`].
    pub async fn introspect(&self, call: &Call, token: &str) -> Result<Option<ActiveToken>, Error> {
        policy::require(&call.principal, Permission::TokensIntrospect)?;
        let now = self.parts().clock.now();
        let Ok(claims) = self.parts().token_verifier.verify(token, now) else { return Ok(None) };
        let permissions = match self.call_of(&claims, call.origin.clone(), now).await {
            // Users with a temporary password must replace it before other services accept their token.
            Ok(subject) if subject.principal.must_change_password() => return Ok(None),
            Ok(subject) => subject.principal.permissions(),
            Err(Error::InvalidToken) => return Ok(None),
            Err(error) => return Err(error),
        };
        let username = self.username_of(claims.sub).await?;
        Ok(Some(ActiveToken { claims, permissions, username }))
    }

    async fn username_of(&self, subject: Subject) -> Result<Option<Username>, Error> {
        Ok(match subject {
            Subject::User(id) => self.store().user(id).await?.map(|user| user.username.clone()),
            Subject::ServiceAccount { .. } => None,
        })
    }
}
