//! What sessions are made by, and how they are kept alive.

use crate::{Call, Error, Roster};
use jiff::Timestamp;
use roster_auth::token::{AccessToken, RefreshToken};
use roster_domain::{Grace, Session, SessionId, User};
use roster_storage::{CommitError, Maintenance, UnitOfWork};
use std::sync::Arc;
use std::time::Duration;

/// What a login, or a session that goes on, gives.
#[derive(Debug)]
pub struct LoggedIn {
    /// The token that stands for the user, for minutes.
    pub token: AccessToken,
    /// The token that gives the next one, once.
    pub refresh_token: RefreshToken,
    /// The user, as they are now.
    pub user: Arc<User>,
    /// The session it belongs to.
    pub session: Arc<Session>,
}

/// The most expired sessions that are swept in one unit.
const SWEEP: usize = 256;

impl Roster {
    /// A session of `user` that begins now, and its first refresh token.
    pub(crate) fn new_session(&self, call: &Call, user: &User) -> (RefreshToken, Session) {
        let (parts, now) = (self.parts(), self.parts().clock.now());
        let token = RefreshToken::generate(&*parts.entropy);
        let id = SessionId::new(now, self.random());
        let session = Session::begin(id, user.id, token.begin_chain(), parts.sessions.lifetime, now);
        let (device, ip) = (call.device.clone(), call.origin.ip);
        (token, Session { device, ip, login_ip: ip, ..session })
    }

    /// What a user gets whose session now has this refresh token.
    pub(crate) fn logged_in(
        &self,
        user: Arc<User>,
        session: Arc<Session>,
        refresh_token: RefreshToken,
    ) -> Result<LoggedIn, Error> {
        let now = self.parts().clock.now();
        let token = self.parts().token_issuer.issue(&user, &session, now, self.random());
        let token = token.map_err(|error| Error::Keys(error.into()))?;
        Ok(LoggedIn { token, refresh_token, user, session })
    }

    /// The sessions that must end before `user` may have one more: the expired ones, and as many of the oldest
    /// as the limit asks.
    pub(crate) fn sessions_to_end(&self, present: &[Arc<Session>], now: Timestamp) -> Vec<SessionId> {
        let (live, expired): (Vec<_>, Vec<_>) = present.iter().partition(|session| session.is_live(now));
        let room = self.parts().sessions.max_per_user.max(1) - 1;
        let oldest = live.iter().take(live.len().saturating_sub(room));
        expired.iter().chain(oldest).map(|session| session.id).collect()
    }

    pub(crate) fn grace(&self) -> Grace {
        Grace { length: self.parts().sessions.refresh_grace, since: self.started_at() }
    }

    /// Asks that whoever changes something sensitive has logged in not long ago (RFC 9470). Machines and the
    /// command line have no login to renew.
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

    /// Writes down that the session is in use, once in a while, and lets nobody wait for it.
    pub(crate) fn note_use(&self, call: &Call) {
        let Some(session) = &call.session else { return };
        let (lifetime, now) = (self.parts().sessions.lifetime, self.parts().clock.now());
        let is_due = now.duration_since(session.last_seen_at) >= lifetime.seen_every();
        let Some(guard) = is_due.then(|| self.session_uses().begin(session.id)).flatten() else { return };
        let seen = Session::clone(session).seen(call.origin.ip, lifetime, now);
        let store = Arc::clone(&self.parts().store);
        tokio::spawn(async move {
            let work = UnitOfWork::maintenance(Maintenance::SessionSeen(Arc::new(seen)));
            if let Err(error) = store.commit(work).await {
                tracing::debug!(%error, "a sign of life was not written down");
            }
            drop(guard);
        });
    }

    /// Sweeps some of the sessions that have expired, and says how many: as many as a call sweeps at most, if
    /// there may be more.
    ///
    /// # Errors
    /// The store's.
    pub async fn sweep_sessions(&self) -> Result<SweptSessions, Error> {
        let now = self.parts().clock.now();
        let expired = self.store().expired_sessions(now, SWEEP).await?;
        let count = expired.len();
        if count == 0 {
            return Ok(SweptSessions { count, may_be_more: false });
        }
        match self.store().commit(UnitOfWork::maintenance(Maintenance::SessionsExpired(expired, now))).await {
            Ok(()) => Ok(SweptSessions { count, may_be_more: count == SWEEP }),
            // One was used at the last moment: the next call finds the others.
            Err(CommitError::Conflict(_)) => Ok(SweptSessions { count: 0, may_be_more: true }),
            Err(error) => Err(error.into()),
        }
    }
}

/// How far a sweep got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SweptSessions {
    /// Sessions that were swept.
    pub count: usize,
    /// Whether to call again at once.
    pub may_be_more: bool,
}
