//! Another password.

use crate::limits::Subject;
use crate::optimistic::retry;
use crate::register_user::own_names;
use crate::roster::with_changed;
use crate::{Call, Error, FieldError, LoggedIn, Precondition, Roster};
use jiff::Timestamp;
use roster_auth::password::{Password, Verification};
use roster_auth::token::RefreshToken;
use roster_domain::{
    Action, AuditRecord, Field, Outcome, PasswordHash, PasswordKind, Permission, Session, User, UserId,
    policy,
};
use roster_storage::{Change, Guard, UnitOfWork};
use std::sync::Arc;

/// A request for another password.
pub struct NewPassword {
    /// What must hold of the user.
    pub precondition: Precondition,
    /// The present one: needed for oneself, refused for somebody else.
    pub current: Option<Password>,
    /// The new one.
    pub password: Password,
    /// Whether somebody else's is a temporary one; `None` leaves that as it is.
    pub kind: Option<PasswordKind>,
}

/// What a password change gives.
#[derive(Debug)]
pub enum PasswordChanged {
    /// One's own: every older token is dead, these go on.
    Own(Box<LoggedIn>),
    /// Somebody else's.
    Others,
}

impl Roster {
    /// Replaces a password: one's own by showing the present one, another's with `users:update` and all of
    /// their permissions. Every access token issued before is dead at once, and every session ends but the
    /// caller's own, which goes on with a new refresh token. A wrong present one leaves a record in the audit
    /// log.
    ///
    /// Who comes with a password-change token need not show the present one again, and gets a session. A temporary
    /// password is not replaced by itself. One that somebody else has set lifts the delays at its owner's names, and
    /// makes them active if they were pending for the lack of one alone.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up where the user is not the caller's to change, and for `kind` of one's own;
    /// [`Error::PasswordChangeRequired`], for somebody else's before one's own temporary one is replaced;
    /// [`Error::LoginTooOld`]; [`Error::UserNotFound`]; [`Error::PreconditionFailed`]; [`Error::CurrentPasswordWrong`]; [`Error::TooMany`] wrong
    /// present ones; [`Error::Invalid`]; [`Error::InvalidToken`], if the caller's ended meanwhile; [`Error::Busy`];
    /// [`Error::Contended`]; the store's.
    pub async fn change_password(
        &self,
        call: &Call,
        id: UserId,
        new: NewPassword,
    ) -> Result<PasswordChanged, Error> {
        let changed = self.try_change_password(call, id, new).await;
        self.note_denial(call, Action::PasswordChanged, id, changed)
    }

    async fn try_change_password(
        &self,
        call: &Call,
        id: UserId,
        new: NewPassword,
    ) -> Result<PasswordChanged, Error> {
        may_change_password(call, id, new.kind)?;
        self.require_recent_login(call)?;
        let user = self.existing_user(id).await?;
        policy::may_manage(&call.principal, &user)?;
        new.precondition.check(&user)?;
        self.password_policy().check(&new.password, &own_names(&user.username, user.email.as_ref()))?;
        let own = call.principal.is(id);
        match new.current {
            None if own && call.is_by_password_change_token() => {}
            current if own => self.confirm(call, &user, current).await?,
            Some(_) => return Err(Error::Invalid(vec![needless()])),
            None => {}
        }
        let password = Arc::new(new.password);
        if own && user.must_change_password {
            self.require_another(call, &user, &password).await?;
        }
        let hash = self.hash(call, password).await?;
        let change = HashChange { precondition: &new.precondition, hash, kind: new.kind };
        self.commit_password(call, &user, &change).await
    }

    /// Asks that a temporary password is not kept.
    async fn require_another(&self, call: &Call, user: &User, password: &Arc<Password>) -> Result<(), Error> {
        let present = user.credential.password_hash().cloned();
        match self.check(call, Arc::clone(password), present).await?.verification {
            Verification::Wrong => Ok(()),
            Verification::Right { .. } => Err(Error::Invalid(vec![FieldError {
                pointer: "/password".to_owned(),
                code: "password_unchanged",
                message: "choose a password other than the temporary one".to_owned(),
            }])),
        }
    }

    async fn confirm(&self, call: &Call, user: &User, current: Option<Password>) -> Result<(), Error> {
        let missing = || Error::Invalid(vec![FieldError::missing("current_password", "to change your own")]);
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
        change: &HashChange<'_>,
    ) -> Result<PasswordChanged, Error> {
        retry(|| async {
            let before = self.existing_user(confirmed.id).await?;
            // While the hash was made they may have become somebody whom the caller may not touch.
            policy::may_manage(&call.principal, &before)?;
            change.precondition.check(&before)?;
            self.still_confirmed(call, confirmed, &before)?;
            let after = Arc::new(change.apply(call, &before, self.parts().clock.now()));
            let own =
                if call.principal.is(before.id) { Some(self.own_session(call, &after).await?) } else { None };
            let record = self.record(call, Action::PasswordChanged, before.id);
            let work = unit(record, &before, &after, own.as_ref()).require_all(call.authority());
            let is_retried = |guard: &Guard| match guard {
                Guard::UserVersion(..)
                | Guard::CredentialIs(..)
                | Guard::LastLoginIs(..)
                | Guard::RefreshTokenLive(..) => true,
                Guard::AuthEpoch(id, _) => *id == before.id,
                _ => false,
            };
            match self.try_commit(work, is_retried).await? {
                Some(()) => self.password_changed(after, own).map(Some),
                None => Ok(None),
            }
        })
        .await
    }

    /// Of a caller who changes their own: whether what they confirmed, and their token, still count.
    fn still_confirmed(&self, call: &Call, confirmed: &User, now: &User) -> Result<(), Error> {
        if !call.principal.is(now.id) {
            return Ok(());
        }
        let is_replaced = now.auth_epoch != confirmed.auth_epoch && now.credential != confirmed.credential;
        if is_replaced && !call.is_by_password_change_token() {
            return Err(self.current_password_wrong(call, now.id));
        }
        let is_theirs = call.principal.accountable_user() == Some((now.id, now.auth_epoch));
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
        let Some(own) = own else {
            self.limits().unlock(&user);
            return Ok(PasswordChanged::Others);
        };
        Ok(PasswordChanged::Own(Box::new(self.logged_in(user, own.after, own.token)?)))
    }
}

/// Whether the caller may change this password at all, before any look-up.
fn may_change_password(call: &Call, id: UserId, kind: Option<PasswordKind>) -> Result<(), Error> {
    if !call.principal.is(id) {
        if call.principal.must_change_password() {
            return Err(Error::PasswordChangeRequired);
        }
        policy::require(&call.principal, Permission::UsersUpdate)?;
    } else if kind.is_some() {
        return Err(policy::Denied::Field(Field::MustChangePassword).into());
    }
    Ok(())
}

/// A hash to store, and how.
struct HashChange<'a> {
    precondition: &'a Precondition,
    hash: PasswordHash,
    kind: Option<PasswordKind>,
}

impl HashChange<'_> {
    /// The user with it. A password-change token makes the change a login too.
    fn apply(&self, call: &Call, before: &User, now: Timestamp) -> User {
        let (user, hash) = (before.clone(), self.hash.clone());
        if !call.principal.is(before.id) {
            user.with_password_of_another(hash, self.kind, now)
        } else if call.is_by_password_change_token() {
            user.with_password(hash, now).logged_in(now, None)
        } else {
            user.with_password(hash, now)
        }
    }
}

/// Whoever shows a password expects it to be checked, and somebody else's is not asked for.
fn needless() -> FieldError {
    FieldError::needless("current_password", "for a change of one's own password")
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
    let opened = own.filter(|own| own.before.is_none()).map(|own| own.after.id);
    let record = AuditRecord { session: opened, ..with_changed(record, changed_fields(before, after)) };
    let work = UnitOfWork::audited(record)
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

fn changed_fields(before: &User, after: &User) -> Vec<Field> {
    let others = [
        (Field::Status, before.status != after.status),
        (Field::MustChangePassword, before.must_change_password != after.must_change_password),
    ];
    let others = others.into_iter().filter_map(|(field, differs)| differs.then_some(field));
    std::iter::once(Field::Password).chain(others).collect()
}
