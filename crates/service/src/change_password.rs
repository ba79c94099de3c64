//! Another password.

use crate::limits::Subject;
use crate::register_user::own_names;
use crate::roster::with_changed;
use crate::{Call, Error, FieldFault, LoggedIn, Precondition, Roster};
use roster_auth::password::{Password, Verification};
use roster_auth::token::RefreshToken;
use roster_domain::{
    Action, AuditRecord, Field, Outcome, PasswordHash, Permission, Session, User, UserId, policy,
};
use roster_storage::{Change, CommitError, Conflict, Guard, UnitOfWork};
use std::sync::Arc;

/// A request for another password.
pub struct NewPassword {
    /// What must hold of the user.
    pub precondition: Precondition,
    /// The present one: needed for oneself, refused for somebody else.
    pub current: Option<Password>,
    /// The new one.
    pub password: Password,
}

/// What a password change gives.
#[derive(Debug)]
pub enum PasswordChanged {
    /// One's own: every older token is dead, these go on.
    Own(Box<LoggedIn>),
    /// Somebody else's.
    Others,
}

/// How often a change is decided anew because others changed the user meanwhile.
const ATTEMPTS: usize = 32;

impl Roster {
    /// Replaces a password: one's own by showing the present one, another's with `users:update` and all of
    /// their permissions. Every access token issued before is dead at once, and every session ends but the
    /// caller's own, which goes on with a new refresh token. A wrong present one leaves a record in the audit
    /// log.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up where the user is not the caller's to change;
    /// [`Error::LoginTooOld`]; [`Error::UserNotFound`]; [`Error::PreconditionFailed`]; [`Error::CurrentPasswordWrong`]; [`Error::TooMany`] wrong
    /// present ones; [`Error::Invalid`]; [`Error::InvalidToken`], if the caller's ended meanwhile; [`Error::Busy`];
    /// [`Error::Contended`]; the store's.
    pub async fn change_password(
        &self,
        call: &Call,
        id: UserId,
        new: NewPassword,
    ) -> Result<PasswordChanged, Error> {
        let own = call.principal.is(id);
        if !own {
            policy::hold(&call.principal, Permission::UsersUpdate)?;
        }
        self.require_recent_login(call)?;
        let user = self.existing_user(id).await?;
        policy::govern(&call.principal, &user)?;
        new.precondition.check(&user)?;
        self.password_policy().check(&new.password, &own_names(&user.username, user.email.as_ref()))?;
        match new.current {
            current if own => self.confirm(call, &user, current).await?,
            Some(_) => return Err(Error::Invalid(vec![needless()])),
            None => {}
        }
        let hash = self.hash(call, new.password).await?;
        self.commit_password(call, &user, &new.precondition, &hash).await
    }

    async fn confirm(&self, call: &Call, user: &User, current: Option<Password>) -> Result<(), Error> {
        let missing = || Error::Invalid(vec![FieldFault::missing("current_password", "to change your own")]);
        let current = current.ok_or_else(missing)?;
        let subject = Subject::Confirmation(user.id);
        match self.verify_password(call, subject, Some(user), current).await?.verification {
            Verification::Right { .. } => Ok(()),
            Verification::Wrong => Err(self.current_password_wrong(call, user.id)),
        }
    }

    /// Somebody with a stolen token may be guessing: that is worth a record.
    fn current_password_wrong(&self, call: &Call, id: UserId) -> Error {
        self.note_failure(call, Action::PasswordChanged, Some(id), Outcome::BadCredentials);
        Error::CurrentPasswordWrong
    }

    /// Stores the hash, unless the credential that was confirmed has changed meanwhile.
    async fn commit_password(
        &self,
        call: &Call,
        confirmed: &User,
        precondition: &Precondition,
        hash: &PasswordHash,
    ) -> Result<PasswordChanged, Error> {
        for _ in 0..ATTEMPTS {
            let before = self.existing_user(confirmed.id).await?;
            // While the hash was made they may have become somebody whom the caller may not touch.
            policy::govern(&call.principal, &before)?;
            precondition.check(&before)?;
            self.still_confirmed(call, confirmed, &before)?;
            let after = Arc::new((*before).clone().with_password(hash.clone(), self.parts().clock.now()));
            let own =
                if call.principal.is(before.id) { Some(self.own_session(call, &after).await?) } else { None };
            let record = self.record(call, Action::PasswordChanged, before.id);
            let work = unit(record, &before, &after, own.as_ref()).require_all(call.authority());
            match self.store().commit(work).await {
                Ok(()) => return self.password_changed(after, own),
                Err(CommitError::Conflict(Conflict(
                    Guard::UserVersion(..)
                    | Guard::CredentialIs(..)
                    | Guard::LastLoginIs(..)
                    | Guard::RefreshTokenLive(..),
                ))) => {}
                Err(CommitError::Conflict(Conflict(Guard::AuthEpoch(id, _)))) if id == before.id => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contended)
    }

    /// Of a caller who changes their own: whether what they confirmed, and their token, still count.
    fn still_confirmed(&self, call: &Call, confirmed: &User, now: &User) -> Result<(), Error> {
        if !call.principal.is(now.id) {
            return Ok(());
        }
        if now.auth_epoch != confirmed.auth_epoch && now.credential != confirmed.credential {
            return Err(self.current_password_wrong(call, now.id));
        }
        let is_theirs = call.principal.answerable() == Some((now.id, now.auth_epoch));
        if is_theirs { Ok(()) } else { Err(Error::InvalidToken) }
    }

    /// The session in which the owner goes on, with refresh tokens of a new family.
    async fn own_session(&self, call: &Call, user: &User) -> Result<OwnSession, Error> {
        let Some(present) = &call.session else {
            let (token, after) = self.new_session(call, user);
            return Ok(OwnSession { token, before: None, after: Arc::new(after) });
        };
        let before = self.store().session(present.id).await?.ok_or(Error::InvalidToken)?;
        let token = RefreshToken::generate(&*self.parts().entropy);
        let now = self.parts().clock.now();
        let after = Arc::new(Session::clone(&before).authenticated_anew(token.begin_chain(), now));
        Ok(OwnSession { token, before: Some(before), after })
    }

    fn password_changed(&self, user: Arc<User>, own: Option<OwnSession>) -> Result<PasswordChanged, Error> {
        let Some(own) = own else { return Ok(PasswordChanged::Others) };
        Ok(PasswordChanged::Own(Box::new(self.logged_in(user, own.after, own.token)?)))
    }
}

/// Whoever shows a password expects it to be checked, and somebody else's is not asked for.
fn needless() -> FieldFault {
    FieldFault::needless("current_password", "for a change of one's own password")
}

/// The session that survives its owner's change of password.
struct OwnSession {
    token: RefreshToken,
    before: Option<Arc<Session>>,
    after: Arc<Session>,
}

/// The user with another password, and without sessions but for their own.
fn unit(record: AuditRecord, before: &User, after: &Arc<User>, own: Option<&OwnSession>) -> UnitOfWork {
    let keep = own.map(|own| own.after.id);
    let work = UnitOfWork::audited(with_changed(record, vec![Field::Password]))
        .require(Guard::UserVersion(before.id, before.version))
        .require(Guard::AuthEpoch(before.id, before.auth_epoch))
        .require(Guard::CredentialIs(before.id, before.credential.digest()))
        .require(Guard::LastLoginIs(before.id, before.last_login_at))
        .write(Change::PutUser(after.clone()))
        .write(Change::RemoveSessionsOf { user: after.id, keep });
    let Some(own) = own else { return work };
    let live = own.before.as_ref().map(|before| Guard::RefreshTokenLive(before.id, before.refresh.current));
    work.require_all(live).write(Change::PutSession(own.after.clone()))
}
