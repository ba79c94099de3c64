//! Who a bearer token stands for, right now.

use crate::{Call, Error, Roster};
use roster_auth::api_key::API_KEY_START;
use roster_auth::token::{Claims, PASSWORD_CHANGE_START, PasswordChangeToken, Subject};
use roster_domain::{ApiKeyId, Origin, Principal, ServiceAccountId, UserId};

impl Roster {
    /// The call of whoever shows a bearer token, from `origin`: a user's access token, a machine's, or an API key.
    /// Authority comes from what is stored, not from the token: a disabled or deleted account, a changed
    /// password or role, a session or a key that is over end the token at the next request.
    ///
    /// # Errors
    /// [`Error::InvalidToken`]; [`Error::PasswordChangeRequired`] for a good token of somebody with a temporary
    /// password; [`Error::Store`], if the store cannot answer.
    pub async fn authenticate(&self, token: &str, origin: Origin) -> Result<Call, Error> {
        let call = self.authenticate_to_change_password(token, origin).await?;
        if call.principal.must_change_password() { Err(Error::PasswordChangeRequired) } else { Ok(call) }
    }

    /// As [`Self::authenticate`], but lets in who has to replace a temporary password, with an access token of before
    /// or with a [`PasswordChangeToken`]: they hold no permission.
    ///
    /// # Errors
    /// [`Error::InvalidToken`]; [`Error::Store`], if the store cannot answer.
    pub async fn authenticate_to_change_password(&self, token: &str, origin: Origin) -> Result<Call, Error> {
        if token.starts_with(PASSWORD_CHANGE_START) {
            let principal = self.authenticate_password_change(token).await?;
            return Ok(Call { principal, ..Call::anonymous(origin) });
        }
        if token.starts_with(API_KEY_START) {
            let principal = self.authenticate_key(token).await?;
            return Ok(Call { principal, ..Call::anonymous(origin) });
        }
        let (parts, now) = (self.parts(), self.parts().clock.now());
        let claims = parts.token_verifier.verify(token, now).map_err(|_| Error::InvalidToken)?;
        let call = self.call_of(&claims, origin).await?;
        self.note_use(&call);
        Ok(call)
    }

    async fn authenticate_password_change(&self, token: &str) -> Result<Principal, Error> {
        let (parts, now) = (self.parts(), self.parts().clock.now());
        let token = PasswordChangeToken::parse(token).map_err(|_| Error::InvalidToken)?;
        let user = self.store().user(token.user()).await?.ok_or(Error::InvalidToken)?;
        let good = parts.token_verifier.accepts_password_change(&token, &user, now);
        if good && user.is_active() && user.must_change_password {
            Ok(Principal::user(&user))
        } else {
            Err(Error::InvalidToken)
        }
    }

    /// The call of whom these claims name, if they may still call.
    pub(crate) async fn call_of(&self, claims: &Claims, origin: Origin) -> Result<Call, Error> {
        match claims.sub {
            Subject::User(id) => self.call_of_user(claims, id, origin).await,
            Subject::ServiceAccount { id, key } => self.call_of_machine(claims, id, key, origin).await,
        }
    }

    async fn call_of_user(&self, claims: &Claims, id: UserId, origin: Origin) -> Result<Call, Error> {
        let now = self.parts().clock.now();
        let session = claims.sid.ok_or(Error::InvalidToken)?;
        let session = self.store().session(session).await?.ok_or(Error::InvalidToken)?;
        let user = self.store().user(id).await?.ok_or(Error::InvalidToken)?;
        if session.user != user.id
            || !session.is_live(now)
            || !user.is_active()
            || user.auth_epoch != claims.epoch
        {
            return Err(Error::InvalidToken);
        }
        Ok(Call { principal: Principal::user(&user), origin, device: None, session: Some(session) })
    }

    /// What the token was narrowed to when it was issued, it stays narrowed to.
    async fn call_of_machine(
        &self,
        claims: &Claims,
        id: ServiceAccountId,
        key: ApiKeyId,
        origin: Origin,
    ) -> Result<Call, Error> {
        let client = self.client_by_key(id, key).await?.ok_or(Error::InvalidToken)?;
        if client.account.auth_epoch != claims.epoch {
            return Err(Error::InvalidToken);
        }
        let principal = client.principal_within(claims.scope.permissions());
        Ok(Call { principal, ..Call::anonymous(origin) })
    }
}
