//! Lists and ends the sessions of a user.

use crate::refresh_session::with_session;
use crate::{Call, Error, Roster};
use roster_domain::{Action, Session, SessionId, UserId, policy};
use roster_storage::{Change, UnitOfWork};
use std::sync::Arc;

/// Which sessions to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeSessions {
    /// All sessions.
    All,
    /// All sessions except the caller's.
    Others,
}

impl Roster {
    /// The live sessions of a user, newest first. Users may list their own; `sessions:manage` allows listing any
    /// user's.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up if the user is not the caller; [`Error::UserNotFound`]; the errors of the
    /// store.
    pub async fn list_sessions(&self, call: &Call, user: UserId) -> Result<Vec<Arc<Session>>, Error> {
        let allowed = policy::manage_sessions(&call.principal, user).map_err(Error::from);
        self.note_denial(call, Action::SessionsRead, user, allowed)?;
        self.existing_user(user).await?;
        let now = self.parts().clock.now();
        let sessions = self.store().sessions(user).await?.into_iter().rev();
        Ok(sessions.filter(|session| session.is_live(now)).collect())
    }

    /// Ends one session of a user. Users may end their own. With `sessions:manage`, callers may end those of users who
    /// hold no permission that the caller lacks. The session's access tokens are rejected from the next request on.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up if the user is not the caller; [`Error::UserNotFound`];
    /// [`Error::SessionNotFound`], also if the session belongs to another user; the errors of the store.
    pub async fn revoke_session(&self, call: &Call, user: UserId, id: SessionId) -> Result<(), Error> {
        let allowed = self.may_revoke(call, user).await;
        self.note_denial(call, Action::SessionRevoked, user, allowed)?;
        let session = self.store().session(id).await?;
        let now = self.parts().clock.now();
        if !session.is_some_and(|session| session.user == user && session.is_live(now)) {
            return Err(Error::SessionNotFound);
        }
        let record = with_session(self.record(call, Action::SessionRevoked, user), id);
        let work = UnitOfWork::audited(record).require_all(call.authority());
        Ok(self.store().commit(work.write(Change::RemoveSession(id))).await?)
    }

    /// Ends all sessions of a user, or all except the caller's.
    ///
    /// # Errors
    /// As [`Roster::revoke_session`], without [`Error::SessionNotFound`]; [`Error::NoSessionToKeep`].
    pub async fn revoke_sessions(
        &self,
        call: &Call,
        user: UserId,
        which: RevokeSessions,
    ) -> Result<(), Error> {
        let allowed = self.may_revoke(call, user).await;
        self.note_denial(call, Action::SessionsRevoked, user, allowed)?;
        let keep = match which {
            RevokeSessions::All => None,
            RevokeSessions::Others => Some(session_of(call, user).ok_or(Error::NoSessionToKeep)?),
        };
        let work = UnitOfWork::audited(self.record(call, Action::SessionsRevoked, user))
            .require_all(call.authority())
            .write(Change::RemoveSessionsOf { user, keep });
        Ok(self.store().commit(work).await?)
    }

    /// Ends the caller's session, or all sessions of the caller.
    ///
    /// # Errors
    /// [`Error::Denied`] for a service account, which has no session; [`Error::SessionNotFound`] if the session ended
    /// meanwhile; the errors of the store.
    pub async fn log_out(&self, call: &Call, which: LogOut) -> Result<(), Error> {
        let user = policy::person(&call.principal)?;
        let session = call.session.as_ref().ok_or(Error::SessionNotFound)?;
        match which {
            LogOut::This => self.revoke_session(call, user, session.id).await,
            LogOut::Everywhere => self.revoke_sessions(call, user, RevokeSessions::All).await,
        }
    }

    async fn may_revoke(&self, call: &Call, user: UserId) -> Result<(), Error> {
        policy::manage_sessions(&call.principal, user)?;
        let target = self.existing_user(user).await?;
        Ok(policy::may_manage(&call.principal, &target)?)
    }
}

/// The calling session, if it belongs to this user.
fn session_of(call: &Call, user: UserId) -> Option<SessionId> {
    call.session.as_ref().filter(|_| call.principal.is(user)).map(|session| session.id)
}

/// Which sessions a logout ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogOut {
    /// The caller's session.
    This,
    /// All sessions of the caller.
    Everywhere,
}
