//! Authenticates bearer tokens.

use crate::{Call, Error, Roster};
use jiff::Timestamp;
use roster_auth::api_key::API_KEY_START;
use roster_auth::token::{Claims, PASSWORD_CHANGE_START, PasswordChangeToken, Subject};
use roster_domain::{ApiKeyId, Origin, Principal, ServiceAccountId, UserId};

impl Roster {
    /// Authenticates a bearer token: an access token of a user or of a service account, or an API key.
    ///
    /// Permissions come from the store, not from the token. The token is rejected from the next request on after its
    /// account is disabled or deleted, the password or a role changes, or its session or key ends.
    ///
    /// # Errors
    /// [`Error::InvalidToken`]; [`Error::PasswordChangeRequired`] for a valid token of a user with a temporary
    /// password; [`Error::Store`].
    pub async fn authenticate(&self, token: &str, origin: Origin) -> Result<Call, Error> {
        let call = self.authenticate_to_change_password(token, origin).await?;
        if call.principal.must_change_password() { Err(Error::PasswordChangeRequired) } else { Ok(call) }
    }

    /// As [`Self::authenticate`], but also accepts users who must replace a temporary password, with a
    /// [`PasswordChangeToken`] or an earlier access token. They have no permissions.
    ///
    /// # Errors
    /// [`Error::InvalidToken`]; [`Error::Store`].
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
        let call = self.call_of(&claims, origin, now).await?;
        self.note_use(&call, now);
        Ok(call)
    }

    async fn authenticate_password_change(&self, token: &str) -> Result<Principal, Error> {
        let (parts, now) = (self.parts(), self.parts().clock.now());
        let token = PasswordChangeToken::parse(token).map_err(|_| Error::InvalidToken)?;
        let user = self.store().user(token.user()).await?.ok_or(Error::InvalidToken)?;
        let accepted = parts.token_verifier.accepts_password_change(&token, &user, now);
        if accepted && user.is_active() && user.must_change_password {
            Ok(Principal::user(&user))
        } else {
            Err(Error::InvalidToken)
        }
    }

    /// The call of the subject of these claims, if their access has not ended.
    pub(crate) async fn call_of(
        &self,
        claims: &Claims,
        origin: Origin,
        now: Timestamp,
    ) -> Result<Call, Error> {
        match claims.sub {
            Subject::User(id) => self.call_of_user(claims, id, origin, now).await,
            Subject::ServiceAccount { id, key } => {
                self.call_of_service_account(claims, id, key, origin).await
            }
        }
    }

    async fn call_of_user(
        &self,
        claims: &Claims,
        id: UserId,
        origin: Origin,
        now: Timestamp,
    ) -> Result<Call, Error> {
        let session = claims.sid.ok_or(Error::InvalidToken)?;
        let found = self.store().user_session(session, id).await?;
        let (session, user) = found.ok_or(Error::InvalidToken)?;
        if !session.is_live(now) || !user.is_active() || user.auth_epoch != claims.epoch {
            return Err(Error::InvalidToken);
        }
        Ok(Call { principal: Principal::user(&user), origin, device: None, session: Some(session) })
    }

    /// The token keeps the scope that it was issued with, if the key's permissions grow later.
    async fn call_of_service_account(
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
