//! Opens sessions, records their use, and deletes expired ones.

use crate::{Call, Error, Roster};
use jiff::Timestamp;
use roster_auth::token::{AccessToken, RefreshToken};
use roster_domain::{Grace, Session, SessionId, User};
use roster_storage::{CommitError, Maintenance, UnitOfWork};
use std::sync::Arc;
use std::time::Duration;

/// The result of a login or a refresh.
#[derive(Debug)]
pub struct LoggedIn {
    /// The access token, valid for minutes.
    pub token: AccessToken,
    /// The refresh token for the next access token. It can be used once.
    pub refresh_token: RefreshToken,
    /// The user.
    pub user: Arc<User>,
    /// The session.
    pub session: Arc<Session>,
}

/// The maximum number of expired sessions swept in one unit of work.
const SWEEP: usize = 256;

impl Roster {
    /// A new session of `user` and its first refresh token.
    pub(crate) fn new_session(&self, call: &Call, user: &User) -> (RefreshToken, Session) {
        let (parts, now) = (self.parts(), self.parts().clock.now());
        let token = RefreshToken::generate(&*parts.entropy);
        let id = SessionId::new(now, self.id_bytes());
        let session = Session::begin(id, user.id, token.begin_chain(), parts.sessions.lifetime, now);
        let (device, ip) = (call.device.clone(), call.origin.ip);
        (token, Session { device, ip, login_ip: ip, ..session })
    }

    /// Issues an access token for a session that has this refresh token.
    pub(crate) fn logged_in(
        &self,
        user: Arc<User>,
        session: Arc<Session>,
        refresh_token: RefreshToken,
    ) -> Result<LoggedIn, Error> {
        let now = self.parts().clock.now();
        let token = self.parts().token_issuer.issue(&user, &session, now, self.id_bytes());
        let token = token.map_err(|error| Error::Keys(error.into()))?;
        Ok(LoggedIn { token, refresh_token, user, session })
    }

    /// The sessions to end before the user gets another one: the expired ones, and as many of the oldest as exceed the
    /// limit.
    pub(crate) fn sessions_to_end(&self, existing: &[Arc<Session>], now: Timestamp) -> Vec<SessionId> {
        let (live, expired): (Vec<_>, Vec<_>) = existing.iter().partition(|session| session.is_live(now));
        let room = self.parts().sessions.max_per_user.max(1) - 1;
        let oldest = live.iter().take(live.len().saturating_sub(room));
        expired.iter().chain(oldest).map(|session| session.id).collect()
    }

    pub(crate) fn grace(&self) -> Grace {
        Grace { length: self.parts().sessions.refresh_grace, since: self.started_at() }
    }

    /// Requires a recent login for a sensitive operation (RFC 9470). Service accounts and the command line have no
    /// session, so this does not apply to them.
    pub(crate) fn require_recent_login(&self, call: &Call) -> Result<(), Error> {
        let (Some(session), Some(max_age)) = (&call.session, self.parts().sessions.step_up_age) else {
            return Ok(());
        };
        let age = self.parts().clock.now().duration_since(session.authenticated_at);
        if Duration::try_from(age).is_ok_and(|age| age > max_age) {
            Err(Error::LoginTooOld { max_age })
        } else {
            Ok(())
        }
    }

    /// Records that the session is in use, at intervals. Writes in a task of its own, so that the request does not
    /// wait.
    pub(crate) fn note_use(&self, call: &Call, now: Timestamp) {
        let Some(session) = &call.session else { return };
        let lifetime = self.parts().sessions.lifetime;
        let is_due = now.duration_since(session.last_seen_at) >= lifetime.seen_every();
        let Some(guard) = is_due.then(|| self.session_uses().begin(session.id)).flatten() else { return };
        let seen = Session::clone(session).seen(call.origin.ip, lifetime, now);
        let store = Arc::clone(&self.parts().store);
        tokio::spawn(async move {
            let work = UnitOfWork::maintenance(Maintenance::SessionSeen(Arc::new(seen)));
            if let Err(error) = store.commit(work).await {
                tracing::debug!(%error, "could not record the use of a session");
            }
            drop(guard);
        });
    }

    /// Deletes a batch of expired sessions.
    ///
    /// # Errors
    /// The errors of the store.
    pub async fn sweep_sessions(&self) -> Result<SweptSessions, Error> {
        let now = self.parts().clock.now();
        let expired = self.store().expired_sessions(now, SWEEP).await?;
        let count = expired.len();
        if count == 0 {
            return Ok(SweptSessions { count, may_be_more: false });
        }
        match self.store().commit(UnitOfWork::maintenance(Maintenance::SessionsExpired(expired, now))).await {
            Ok(()) => Ok(SweptSessions { count, may_be_more: count == SWEEP }),
            // One of them was used meanwhile. The next call finds the others.
            Err(CommitError::Conflict(_)) => Ok(SweptSessions { count: 0, may_be_more: true }),
            Err(error) => Err(error.into()),
        }
    }
}

/// The result of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweptSessions {
    /// How many sessions were deleted.
    pub count: usize,
    /// Whether there may be more, so that the sweep should continue at once.
    pub may_be_more: bool,
}
