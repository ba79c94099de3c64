//! Changes a password.

use crate::limits::Subject;
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

/// A request to change a password.
pub struct NewPassword {
    /// The condition on the user's version.
    pub precondition: Precondition,
    /// The current password. Required for one's own password, rejected for another user's.
    pub current: Option<Password>,
    /// The new password.
    pub password: Password,
    /// Whether another user's new password is temporary. `None` keeps the current setting.
    pub kind: Option<PasswordKind>,
}

/// The result of a password change.
#[derive(Debug)]
pub enum PasswordChanged {
    /// The caller changed their own password. All earlier tokens are invalid; these replace them.
    Own(Box<LoggedIn>),
    /// The caller changed another user's password.
    Others,
}

impl Roster {
    /// Changes a password. Users change their own with the current password. Changing another user's requires
    /// `users:update` and all permissions of that user.
    ///
    /// All earlier access tokens of the user become invalid at once. All of the user's sessions end, except the caller's
    /// own, which gets a new refresh token. A wrong current password is recorded in the audit log.
    ///
    /// A caller with a password-change token does not need the current password, and gets a session. A temporary password
    /// cannot be replaced by the same password. Setting another user's password lifts the login delays for their names, and activates
    /// them if the missing password was the only reason why they were pending.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up if the caller may not change this user's password, or if `kind` is set for
    /// the caller's own; [`Error::PasswordChangeRequired`] if the caller must replace their own temporary password first;
    /// [`Error::LoginTooOld`]; [`Error::UserNotFound`]; [`Error::PreconditionFailed`]; [`Error::CurrentPasswordWrong`];
    /// [`Error::TooMany`] after too many wrong current passwords; [`Error::Invalid`]; [`Error::InvalidToken`] if the
    /// caller's access ended meanwhile; [`Error::Busy`]; [`Error::Contended`]; the errors of the store.
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
        let is_own = call.principal.is(id);
        match new.current {
            None if is_own && call.is_by_password_change_token() => {}
            current if is_own => self.confirm(call, &user, current).await?,
            Some(_) => return Err(Error::Invalid(vec![unexpected_current()])),
            None => {}
        }
        let password = Arc::new(new.password);
        if is_own && user.must_change_password {
            self.require_different(call, &user, &password).await?;
        }
        let hash = self.hash(call, password).await?;
        let change = HashChange { precondition: &new.precondition, hash, kind: new.kind };
        self.commit_password(call, &user, &change).await
    }

    /// Rejects the temporary password as the new one.
    async fn require_different(
        &self,
        call: &Call,
        user: &User,
        password: &Arc<Password>,
    ) -> Result<(), Error> {
        let temporary = user.credential.password_hash().cloned();
        match self.check(call, Arc::clone(password), temporary).await?.verification {
            Verification::Wrong => Ok(()),
            Verification::Right { .. } => Err(Error::Invalid(vec![FieldError {
                pointer: "/password".to_owned(),
                code: "password_unchanged",
                message: "choose a password other than the temporary one".to_owned(),
            }])),
        }
    }

    async fn confirm(&self, call: &Call, user: &User, current: Option<Password>) -> Result<(), Error> {
        let missing =
            || Error::Invalid(vec![FieldError::missing("current_password", "to change your own password")]);
        let current = current.ok_or_else(missing)?;
        let subject = Subject::Confirmation(user.id);
        match self.verify_password(call, subject, user, current).await? {
            Verification::Right { .. } => Ok(()),
            Verification::Wrong => Err(self.current_password_wrong(call, user.id)),
        }
    }

    /// Records a wrong current password, because a thief of the token may be guessing.
    fn current_password_wrong(&self, call: &Call, id: UserId) -> Error {
        self.note_failure(call, Action::PasswordChanged, Some(id), Outcome::BadCredentials);
        Error::CurrentPasswordWrong
    }

    /// Stores the hash, unless the confirmed credential was changed meanwhile.
    async fn commit_password(
        &self,
        call: &Call,
        confirmed: &User,
        change: &HashChange<'_>,
    ) -> Result<PasswordChanged, Error> {
        self.retry(|| async {
            let before = self.existing_user(confirmed.id).await?;
            // The user may have gained permissions while the password was hashed.
            policy::may_manage(&call.principal, &before)?;
            change.precondition.check(&before)?;
            self.check_still_confirmed(call, confirmed, &before)?;
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
                Some(()) => self.password_changed(after, own).await.map(Some),
                None => Ok(None),
            }
        })
        .await
    }

    /// For callers who change their own password: checks that the password they confirmed and their token are still
    /// current.
    fn check_still_confirmed(&self, call: &Call, confirmed: &User, current: &User) -> Result<(), Error> {
        if !call.principal.is(current.id) {
            return Ok(());
        }
        let is_replaced =
            current.auth_epoch != confirmed.auth_epoch && current.credential != confirmed.credential;
        if is_replaced && !call.is_by_password_change_token() {
            return Err(self.current_password_wrong(call, current.id));
        }
        let is_current = call.principal.accountable_user() == Some((current.id, current.auth_epoch));
        if is_current { Ok(()) } else { Err(Error::InvalidToken) }
    }

    /// The caller's session with a refresh token of a new family. A new session if the caller has none.
    async fn own_session(&self, call: &Call, user: &User) -> Result<OwnSession, Error> {
        let Some(current) = &call.session else {
            let (token, after) = self.new_session(call, user);
            return Ok(OwnSession { token, before: None, after: Arc::new(after) });
        };
        let before = self.store().session(current.id).await?.ok_or(Error::InvalidToken)?;
        let token = RefreshToken::generate(&*self.parts().entropy);
        let now = self.parts().clock.now();
        let after = Arc::new(Session::clone(&before).authenticated_anew(token.begin_chain(), now));
        Ok(OwnSession { token, before: Some(before), after })
    }

    async fn password_changed(
        &self,
        user: Arc<User>,
        own: Option<OwnSession>,
    ) -> Result<PasswordChanged, Error> {
        let Some(own) = own else {
            self.limits().unlock(&user).await?;
            return Ok(PasswordChanged::Others);
        };
        Ok(PasswordChanged::Own(Box::new(self.logged_in(user, own.after, own.token)?)))
    }
}

/// Checks before any look-up whether the caller may change this password.
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

/// The change to store.
struct HashChange<'a> {
    precondition: &'a Precondition,
    hash: PasswordHash,
    kind: Option<PasswordKind>,
}

impl HashChange<'_> {
    /// The user with the new hash. With a password-change token, the change counts as a login.
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

/// The error for a current password in a change of another user's. Ignoring it would suggest that it was checked.
fn unexpected_current() -> FieldError {
    FieldError::needless("current_password", "only for changing your own password")
}

/// The session that the caller keeps after changing their own password.
struct OwnSession {
    token: RefreshToken,
    before: Option<Arc<Session>>,
    after: Arc<Session>,
}

/// The unit of work that stores the user with the new password and ends all sessions except `own`.
fn unit(record: AuditRecord, before: &User, after: &Arc<User>, own: Option<&OwnSession>) -> UnitOfWork {
    let keep = own.map(|own| own.after.id);
    let opened = own.filter(|own| own.before.is_none()).map(|own| own.after.id);
    let record = AuditRecord { session: opened, ..with_changed(record, changed_fields(before, after)) };
    let work = UnitOfWork::audited(record)
        .require(Guard::UserVersion(before.id, before.version))
        .require(Guard::AuthEpoch(before.id, before.auth_epoch))
        .require(Guard::CredentialIs(before.id, before.credential.clone()))
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
