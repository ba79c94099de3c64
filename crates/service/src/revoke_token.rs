//! A token that its holder gives up (RFC 7009).

use crate::refresh_session::about;
use crate::{Call, Error, Roster};
use roster_auth::api_key::API_KEY_START;
use roster_auth::token::{RefreshToken, Subject};
use roster_domain::{Action, Actor, AuditRecord, Session};
use roster_storage::{Change, UnitOfWork};
use std::sync::Arc;

impl Roster {
    /// Ends the session that `token` belongs to: a refresh token, used or not, or an access token. To hold it is all
    /// that is asked for. A token that is none, or is over already, is as good as revoked.
    ///
    /// # Errors
    /// [`Error::NotRevocable`] for a machine's access token and an API key, which end when the key is revoked by
    /// whoever manages it (RFC 7009, section 2.2.1); the store's. What begins like an API key is answered like one, live
    /// or not: the kind is not supported, and no look-up tells which keys there are.
    pub async fn revoke_token(&self, call: &Call, token: &str) -> Result<(), Error> {
        let Some(session) = self.session_of_token(call, token).await? else { return Ok(()) };
        let record = self.record(call, Action::SessionRevoked, session.user);
        let record = AuditRecord { actor: Actor::User(session.user), ..record };
        let work = UnitOfWork::audited(about(record, session.id)).write(Change::RemoveSession(session.id));
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
        // One that lets nobody in any more ends nothing either: a password change may have made another of it.
        match self.call_of(&claims, call.origin.clone()).await {
            Ok(caller) => Ok(caller.session),
            Err(Error::InvalidToken) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
