//! Refreshes a session with its refresh token.

use crate::{Call, Error, LoggedIn, RefreshOutcome, Roster};
use roster_auth::token::RefreshToken;
use roster_domain::{Action, AuditRecord, Outcome, RefreshChain, Session, SessionId, TokenStatus, User};
use roster_storage::{Change, Guard, UnitOfWork};
use std::sync::Arc;

impl Roster {
    /// Exchanges a refresh token for a new access token and the next refresh token.
    ///
    /// A refresh token can be used once. Within a short grace period after that, sending it again returns the live
    /// token. So two tabs that refresh at once both stay logged in, and a client can retry if it did not get the
    /// response. The grace period of a token that was used just before a restart begins again after it. Using a token
    /// after its grace period ends the session, because someone else has a copy of it (RFC 9700, section 4.14.2).
    ///
    /// # Errors
    /// [`Error::InvalidRefreshToken`]; [`Error::PasswordChangeRequired`], which does not use up the token;
    /// [`Error::TooMany`] for a client that sends many invalid tokens; the errors of the store.
    pub async fn refresh_session(&self, call: &Call, refresh_token: &str) -> Result<LoggedIn, Error> {
        let outcome = self.try_refresh(call, refresh_token).await;
        let outcome = match outcome {
            Ok(refreshed) => Ok(refreshed),
            Err(error) => Err(self.count_invalid(call, error).await),
        };
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

    /// Counts an invalid token as a request of its client. Valid tokens do not count, so that users who share an
    /// address do not log each other out.
    async fn count_invalid(&self, call: &Call, error: Error) -> Error {
        match error {
            Error::InvalidRefreshToken { reused: false } => {
                let admitted = self.limits().admit_request(call.client(), self.parts().clock.now()).await;
                admitted.err().unwrap_or(error)
            }
            other => other,
        }
    }

    async fn try_refresh(&self, call: &Call, text: &str) -> Result<(LoggedIn, RefreshOutcome), Error> {
        const INVALID: Error = Error::InvalidRefreshToken { reused: false };
        let token = RefreshToken::parse(text).map_err(|_| INVALID)?;
        self.retry(|| async {
            let now = self.parts().clock.now();
            let session = self.store().session_by_family(token.family_digest()).await?;
            let session = session.filter(|session| session.is_live(now)).ok_or(INVALID)?;
            let user = self.store().user(session.user).await?;
            let user = user.filter(|user| user.is_active()).ok_or(INVALID)?;
            match session.refresh.token_status(token.digest(), now, self.grace()) {
                TokenStatus::Live | TokenStatus::Superseded(_) if user.must_change_password => {
                    Err(Error::PasswordChangeRequired)
                }
                TokenStatus::Live => {
                    let rotated = self.rotate(call, &user, &session, &token).await?;
                    Ok(rotated.map(|logged_in| (logged_in, RefreshOutcome::Rotated)))
                }
                TokenStatus::Superseded(index) => match live_token(&session.refresh, index, &token) {
                    Some(live) => self.repeat(user, session, live).await,
                    None => self.end_reused(call, &session).await,
                },
                TokenStatus::Reused => self.end_reused(call, &session).await,
            }
        })
        .await
    }

    /// Rotates the refresh token. `None` if the session or the user was changed meanwhile.
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
        let record = with_session(self.record_own(call, Action::SessionRefreshed, user), session.id);
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

    /// Returns the live token again, within the grace period of an earlier one. `None` if the session was changed
    /// meanwhile.
    async fn repeat(
        &self,
        user: Arc<User>,
        session: Arc<Session>,
        live: RefreshToken,
    ) -> Result<Option<(LoggedIn, RefreshOutcome)>, Error> {
        // There is no commit that checks guards. Reading the session again shows that it was the same when the user was
        // read.
        let now = self.store().session(session.id).await?;
        if now.is_none_or(|now| now.refresh != session.refresh) {
            return Ok(None);
        }
        Ok(Some((self.logged_in(user, session, live)?, RefreshOutcome::Repeated)))
    }

    /// Ends the session of a reused token and returns [`Error::InvalidRefreshToken`]. `None` if the session was
    /// changed or ended meanwhile.
    async fn end_reused<T>(&self, call: &Call, session: &Session) -> Result<Option<T>, Error> {
        let record =
            self.record_outcome(call, Action::SessionRefreshed, Some(session.user), Outcome::TokenReused);
        let work = UnitOfWork::audited(with_session(record, session.id))
            .require(Guard::RefreshTokenLive(session.id, session.refresh.current))
            .write(Change::RemoveSession(session.id));
        if self.try_commit(work, |guard| matches!(guard, Guard::RefreshTokenLive(..))).await?.is_none() {
            return Ok(None);
        }
        tracing::warn!(session = %session.id, user = %session.user, "a refresh token was reused; its session was ended");
        Err(Error::InvalidRefreshToken { reused: true })
    }
}

/// The record with a session id.
pub(crate) fn with_session(record: AuditRecord, session: SessionId) -> AuditRecord {
    AuditRecord { session: Some(session), ..record }
}

/// The live token. Each superseded token, starting with the presented one, contains its successor.
fn live_token(chain: &RefreshChain, from: usize, presented: &RefreshToken) -> Option<RefreshToken> {
    let mut superseded = chain.superseded.get(..=from)?.iter().rev();
    let first = presented.open(&superseded.next()?.successor)?;
    let live = superseded.try_fold(first, |token, next| token.open(&next.successor))?;
    (live.digest() == chain.current).then_some(live)
}
