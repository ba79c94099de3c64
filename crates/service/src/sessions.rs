//! The sessions of a user: seen, and ended.

use crate::refresh_session::about;
use crate::{Call, Error, Roster};
use roster_domain::{Action, Session, SessionId, UserId, policy};
use roster_storage::{Change, UnitOfWork};
use std::sync::Arc;

/// Which sessions end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeSessions {
    /// All of them.
    All,
    /// All but the one that asks.
    Others,
}

impl Roster {
    /// The sessions of a user that go on, the latest first: one's own, or with `sessions:manage` anybody's.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up where the user is not the caller; [`Error::UserNotFound`]; the
    /// store's.
    pub async fn list_sessions(&self, call: &Call, user: UserId) -> Result<Vec<Arc<Session>>, Error> {
        let allowed = policy::manage_sessions(&call.principal, user).map_err(Error::from);
        self.note_denial(call, Action::SessionsRead, user, allowed)?;
        self.existing_user(user).await?;
        let now = self.parts().clock.now();
        let sessions = self.store().sessions(user).await?.into_iter().rev();
        Ok(sessions.filter(|session| session.is_live(now)).collect())
    }

    /// Ends one session of a user: one's own, or with `sessions:manage` that of anybody whose permissions one
    /// holds. Its access tokens are worth nothing from the next request on.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up where the user is not the caller; [`Error::UserNotFound`];
    /// [`Error::SessionNotFound`], for somebody else's as well; the store's.
    pub async fn revoke_session(&self, call: &Call, user: UserId, id: SessionId) -> Result<(), Error> {
        let allowed = self.may_revoke(call, user).await;
        self.note_denial(call, Action::SessionRevoked, user, allowed)?;
        let session = self.store().session(id).await?;
        let now = self.parts().clock.now();
        if !session.is_some_and(|session| session.user == user && session.is_live(now)) {
            return Err(Error::SessionNotFound);
        }
        let record = about(self.record(call, Action::SessionRevoked, user), id);
        let work = UnitOfWork::audited(record).require_all(call.authority());
        Ok(self.store().commit(work.write(Change::RemoveSession(id))).await?)
    }

    /// Ends the sessions of a user, all or all others.
    ///
    /// # Errors
    /// As [`Roster::revoke_session`], though there need be none; [`Error::NoSessionToKeep`].
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

    /// Ends the caller's own session, or all of theirs.
    ///
    /// # Errors
    /// [`Error::Denied`] for a machine, which has none; [`Error::SessionNotFound`], if it ended meanwhile; the
    /// store's.
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

/// The session that asks, if it is one of this user's.
fn session_of(call: &Call, user: UserId) -> Option<SessionId> {
    call.session.as_ref().filter(|_| call.principal.is(user)).map(|session| session.id)
}

/// Where somebody logs out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogOut {
    /// Here.
    This,
    /// Everywhere.
    Everywhere,
}
