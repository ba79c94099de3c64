//! A session that goes on with its refresh token.

use crate::optimistic::retry;
use crate::{Call, Error, LoggedIn, RefreshOutcome, Roster};
use roster_auth::token::RefreshToken;
use roster_domain::{Action, AuditRecord, Outcome, RefreshChain, Session, SessionId, TokenStatus, User};
use roster_storage::{Change, Guard, UnitOfWork};
use std::sync::Arc;

impl Roster {
    /// Gives the next access token for a refresh token, and the refresh token that follows it.
    ///
    /// A refresh token is used once. For a short grace after, whoever presents it gets the live one, so that
    /// two tabs that refresh at once both stay in, and a client whose answer was lost may ask again; the grace
    /// of a token that was used just before the server stopped begins anew when it is back. After that the
    /// session is ended: somebody has a copy (RFC 9700, section 4.14.2).
    ///
    /// # Errors
    /// [`Error::InvalidRefreshToken`]; [`Error::PasswordChangeRequired`], which leaves the token as it is;
    /// [`Error::TooMany`] in place of the first for a client that sends many of these; the
    /// store's.
    pub async fn refresh_session(&self, call: &Call, refresh_token: &str) -> Result<LoggedIn, Error> {
        let outcome = self.try_refresh(call, refresh_token).await;
        let outcome = outcome.map_err(|error| self.apply_limits(call, error));
        self.counters().count_refresh(match &outcome {
            Ok((_, outcome)) => *outcome,
            Err(Error::InvalidRefreshToken { reused: true }) => RefreshOutcome::Reused,
            Err(Error::InvalidRefreshToken { reused: false }) => RefreshOutcome::Invalid,
            Err(Error::PasswordChangeRequired) => RefreshOutcome::PasswordChangeRequired,
            Err(Error::TooMany(_)) => RefreshOutcome::Limited,
            Err(_) => RefreshOutcome::Unavailable,
        });
        outcome.map(|(logged_in, _)| logged_in)
    }

    /// Tokens that are none count as requests of their client. Good ones do not: many people may share an address,
    /// and none of them is logged out for it.
    fn apply_limits(&self, call: &Call, error: Error) -> Error {
        match error {
            Error::InvalidRefreshToken { reused: false } => {
                let admitted = self.limits().admit_request(call.client(), self.parts().clock.now());
                admitted.err().map_or(error, Error::TooMany)
            }
            other => other,
        }
    }

    async fn try_refresh(&self, call: &Call, text: &str) -> Result<(LoggedIn, RefreshOutcome), Error> {
        const INVALID: Error = Error::InvalidRefreshToken { reused: false };
        let token = RefreshToken::parse(text).map_err(|_| INVALID)?;
        retry(|| async {
            let now = self.parts().clock.now();
            let session = self.store().session_by_family(token.family_digest()).await?;
            let session = session.filter(|session| session.is_live(now)).ok_or(INVALID)?;
            let user = self.store().user(session.user).await?;
            let user = user.filter(|user| user.is_active()).ok_or(INVALID)?;
            match session.refresh.standing(token.digest(), now, self.grace()) {
                TokenStatus::Live | TokenStatus::Superseded(_) if user.must_change_password => {
                    Err(Error::PasswordChangeRequired)
                }
                TokenStatus::Live => {
                    let rotated = self.rotate(call, &user, &session, &token).await?;
                    Ok(rotated.map(|logged_in| (logged_in, RefreshOutcome::Rotated)))
                }
                TokenStatus::Superseded(index) => match follow(&session.refresh, index, &token) {
                    Some(live) => self.repeat(user, session, live).await,
                    None => self.end_reused(call, &session).await,
                },
                TokenStatus::Reused => self.end_reused(call, &session).await,
            }
        })
        .await
    }

    /// Lets another token follow; `None` if the session or its user was changed meanwhile.
    async fn rotate(
        &self,
        call: &Call,
        user: &Arc<User>,
        session: &Session,
        token: &RefreshToken,
    ) -> Result<Option<LoggedIn>, Error> {
        let (parts, now) = (self.parts(), self.parts().clock.now());
        let next = token.successor(&*parts.entropy);
        let sealed = token.seal(&next).map_err(|error| Error::Keys(error.into()))?;
        let refresh = session.refresh.clone().rotated(next.digest(), sealed, now, self.grace());
        let seen = session.clone().seen(call.origin.ip, parts.sessions.lifetime, now);
        let after = Arc::new(Session { refresh, ..seen });
        let record = about(self.record_own(call, Action::SessionRefreshed, user), session.id);
        let work = UnitOfWork::audited(record)
            .require(Guard::RefreshTokenLive(session.id, token.digest()))
            .require(Guard::AuthEpoch(user.id, user.auth_epoch))
            .write(Change::PutSession(after.clone()));
        let is_retried = |guard: &Guard| matches!(guard, Guard::RefreshTokenLive(..) | Guard::AuthEpoch(..));
        match self.try_commit(work, is_retried).await? {
            Some(()) => self.logged_in(user.clone(), after, next).map(Some),
            None => Ok(None),
        }
    }

    /// Gives the live token once more, within the grace of an older one; `None` if the session was changed meanwhile.
    async fn repeat(
        &self,
        user: Arc<User>,
        session: Arc<Session>,
        live: RefreshToken,
    ) -> Result<Option<(LoggedIn, RefreshOutcome)>, Error> {
        // No commit states what was read, so the session is read again: the user was read while it was this.
        let now = self.store().session(session.id).await?;
        if now.is_none_or(|now| now.refresh != session.refresh) {
            return Ok(None);
        }
        Ok(Some((self.logged_in(user, session, live)?, RefreshOutcome::Repeated)))
    }

    /// A token came a second time: whoever has the session, it ends, with [`Error::InvalidRefreshToken`]. Nothing
    /// happens if the session was changed or ended meanwhile: `None`.
    async fn end_reused<T>(&self, call: &Call, session: &Session) -> Result<Option<T>, Error> {
        let record =
            self.record_outcome(call, Action::SessionRefreshed, Some(session.user), Outcome::TokenReused);
        let work = UnitOfWork::audited(about(record, session.id))
            .require(Guard::RefreshTokenLive(session.id, session.refresh.current))
            .write(Change::RemoveSession(session.id));
        if self.try_commit(work, |guard| matches!(guard, Guard::RefreshTokenLive(..))).await?.is_none() {
            return Ok(None);
        }
        tracing::warn!(session = %session.id, user = %session.user, "a refresh token was used twice; its session is ended");
        Err(Error::InvalidRefreshToken { reused: true })
    }
}

/// The record with the session it is about.
pub(crate) fn about(record: AuditRecord, session: SessionId) -> AuditRecord {
    AuditRecord { session: Some(session), ..record }
}

/// The live token, which each in the row from the one presented on leads to.
fn follow(chain: &RefreshChain, from: usize, presented: &RefreshToken) -> Option<RefreshToken> {
    let mut row = chain.superseded.get(..=from)?.iter().rev();
    let first = presented.open(&row.next()?.successor)?;
    let live = row.try_fold(first, |token, followed| token.open(&followed.successor))?;
    (live.digest() == chain.current).then_some(live)
}
