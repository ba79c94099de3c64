//! Who an access token stands for, right now.

use crate::{Call, Error, Roster};
use roster_domain::{Origin, Principal};

impl Roster {
    /// The call of whoever shows an access token, from `origin`. Authority comes from the stored user and
    /// session, not from the token: a disabled or deleted account, a changed password or role, a session that
    /// is over end the token at the next request.
    ///
    /// # Errors
    /// [`Error::InvalidToken`]; [`Error::Store`], if the store cannot answer.
    pub async fn authenticate(&self, token: &str, origin: Origin) -> Result<Call, Error> {
        let (parts, now) = (self.parts(), self.parts().clock.now());
        let claims = parts.token_verifier.verify(token, now).map_err(|_| Error::InvalidToken)?;
        let id = claims.sid.ok_or(Error::InvalidToken)?;
        let session = self.store().session(id).await?.ok_or(Error::InvalidToken)?;
        let user = self.store().user(claims.sub).await?.ok_or(Error::InvalidToken)?;
        if session.user != user.id
            || !session.is_live(now)
            || !user.is_active()
            || user.auth_epoch != claims.epoch
        {
            return Err(Error::InvalidToken);
        }
        let call = Call { principal: Principal::user(&user), origin, device: None, session: Some(session) };
        self.note_use(&call);
        Ok(call)
    }
}
