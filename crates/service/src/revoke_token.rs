//! Revokes a token (RFC 7009).

use crate::refresh_session::with_session;
use crate::{Call, Error, Roster};
use roster_auth::api_key::API_KEY_START;
use roster_auth::token::{RefreshToken, Subject};
use roster_domain::{Action, Actor, AuditRecord, Session};
use roster_storage::{Change, UnitOfWork};
use std::sync::Arc;

impl Roster {
    /// Ends the session of `token`, which is an access token or a refresh token, used or not. The token itself is the
    /// only credential needed. An invalid or expired token counts as revoked.
    ///
    /// # Errors
    /// [`Error::NotRevocable`] for an API key and for a service account's access token (RFC 7009, section 2.2.1); they
    /// end when the API key is revoked. Every text with the prefix of API keys gets this error, without a look-up, so
    /// that the response does not reveal which keys exist. The errors of the store.
    pub async fn revoke_token(&self, call: &Call, token: &str) -> Result<(), Error> {
        let Some(session) = self.session_of_token(call, token).await? else { return Ok(()) };
        let record = self.record(call, Action::SessionRevoked, session.user);
        let record = AuditRecord { actor: Actor::User(session.user), ..record };
        let work =
            UnitOfWork::audited(with_session(record, session.id)).write(Change::RemoveSession(session.id));
        Ok(self.store().commit(work).await?)
    }

    async fn session_of_token(&self, call: &Call, token: &str) -> Result<Option<Arc<Session>>, Error> {
        if token.starts_with(API_KEY_START) {
            return Err(Error::NotRevocable);
        }
        if let Ok(token) = RefreshToken::parse(token) {
            return Ok(self.store().session_by_family(token.family_digest()).await?);
        }
        let now = self.parts().clock.now();
        let Ok(claims) = self.parts().token_verifier.verify(token, now) else { return Ok(None) };
        if let Subject::ServiceAccount { .. } = claims.sub {
            return Err(Error::NotRevocable);
        }
        // A token that is no longer accepted must not end the session: after a password change, the session continues
        // with new tokens.
        match self.call_of(&claims, call.origin.clone(), now).await {
            Ok(caller) => Ok(caller.session),
            Err(Error::InvalidToken) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
