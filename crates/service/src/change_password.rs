//! Another password.

use crate::limits::Subject;
use crate::register_user::own_names;
use crate::roster::with_changed;
use crate::{Call, Error, FieldFault, Roster};
use roster_auth::password::{Password, Verification};
use roster_auth::token::AccessToken;
use roster_domain::{Action, Field, Outcome, PasswordHash, Permission, User, UserId, policy};
use roster_storage::{Change, CommitError, Conflict, Guard, UnitOfWork};
use std::sync::Arc;

/// A request for another password.
pub struct NewPassword {
    /// The present one. Needed for oneself; somebody with `users:update` sets another's without.
    pub current: Option<Password>,
    /// The new one.
    pub password: Password,
}

/// What a password change gives.
#[derive(Debug)]
pub enum PasswordChanged {
    /// One's own: every older token is dead, this one goes on.
    Own {
        /// The token that goes on.
        token: AccessToken,
        /// The user, after the change.
        user: Arc<User>,
    },
    /// Somebody else's.
    Others,
}

/// How often a change is decided anew because others changed the user meanwhile.
const ATTEMPTS: usize = 32;

impl Roster {
    /// Replaces a password: one's own by showing the present one, another's with `users:update` and all of
    /// their permissions. Every access token issued before is dead at once. A wrong present one leaves a
    /// record in the audit log.
    ///
    /// # Errors
    /// [`Error::Denied`], before any look-up where the user is not the caller's to change;
    /// [`Error::UserNotFound`]; [`Error::CurrentPasswordWrong`]; [`Error::Invalid`]; [`Error::Busy`]; the
    /// store's.
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
        let user = self.existing_user(id).await?;
        policy::govern(&call.principal, &user)?;
        self.password_policy().check(&new.password, &own_names(&user.username, user.email.as_ref()))?;
        if own {
            self.confirm(call, &user, new.current).await?;
        }
        let hash = self.hash(call, new.password).await?;
        let user = self.commit_password(call, &user, &hash).await?;
        if own {
            Ok(PasswordChanged::Own { token: self.issue_token(&user)?, user })
        } else {
            Ok(PasswordChanged::Others)
        }
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
        hash: &PasswordHash,
    ) -> Result<Arc<User>, Error> {
        for _ in 0..ATTEMPTS {
            let before = self.existing_user(confirmed.id).await?;
            if before.auth_epoch != confirmed.auth_epoch && before.credential != confirmed.credential {
                return Err(self.current_password_wrong(call, before.id));
            }
            let after = Arc::new((*before).clone().with_password(hash.clone(), self.parts().clock.now()));
            let record = self.record(call, Action::PasswordChanged, before.id);
            let work = UnitOfWork::audited(with_changed(record, vec![Field::Password]))
                .require(Guard::UserVersion(before.id, before.version))
                .require(Guard::AuthEpoch(before.id, before.auth_epoch))
                .require(Guard::CredentialIs(before.id, before.credential.digest()))
                .require(Guard::LastLoginIs(before.id, before.last_login_at))
                .write(Change::PutUser(after.clone()));
            match self.store().commit(work).await {
                Ok(()) => return Ok(after),
                Err(CommitError::Conflict(Conflict(
                    Guard::UserVersion(..)
                    | Guard::AuthEpoch(..)
                    | Guard::CredentialIs(..)
                    | Guard::LastLoginIs(..),
                ))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contended)
    }
}
