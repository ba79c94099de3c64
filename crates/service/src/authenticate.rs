//! Who an access token stands for, right now.

use crate::{Error, Roster};
use roster_domain::{Principal, User};
use std::sync::Arc;

/// A user who showed a valid access token.
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// The user as stored now.
    pub user: Arc<User>,
    /// What they may do now.
    pub principal: Principal,
}

impl Roster {
    /// The user an access token stands for. Authority comes from the stored user, not from the token: a
    /// disabled or deleted account, a changed password or role end the token at the next request.
    ///
    /// # Errors
    /// [`Error::InvalidToken`]; [`Error::Store`], if the store cannot answer.
    pub async fn authenticate(&self, token: &str) -> Result<Authenticated, Error> {
        let parts = self.parts();
        let claims =
            parts.token_verifier.verify(token, parts.clock.now()).map_err(|_| Error::InvalidToken)?;
        let user = self.store().user(claims.sub).await?.ok_or(Error::InvalidToken)?;
        if !user.is_active() || user.auth_epoch != claims.epoch {
            return Err(Error::InvalidToken);
        }
        let principal = Principal::user(&user);
        Ok(Authenticated { user, principal })
    }
}
