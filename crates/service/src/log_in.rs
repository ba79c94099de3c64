//! A name and a password for an access token.

use crate::limits::Subject;
use crate::{Call, Error, LoginOutcome, Roster};
use roster_auth::password::{Password, Verification};
use roster_auth::token::AccessToken;
use roster_domain::{Action, Login, Outcome, PasswordHash, User, UserId};
use roster_storage::{Change, CommitError, Guard, UnitOfWork};
use std::sync::Arc;
use std::time::Instant;

/// What a login gives.
#[derive(Debug)]
pub struct LoggedIn {
    /// The token that stands for the user.
    pub token: AccessToken,
    /// The user, after the login.
    pub user: Arc<User>,
}

/// How often a login is decided anew because the user was changed meanwhile.
const ATTEMPTS: usize = 64;

impl Roster {
    /// Checks a login and its password.
    ///
    /// A failure takes the same time and says the same, whether the name is known or not and whatever its
    /// hash costs: the answer comes no earlier than a floor after its hash job began. Whether an account is
    /// disabled or pending is said only after the right password. A right password whose hash is outdated
    /// is stored anew.
    ///
    /// # Errors
    /// [`Error::TooMany`]; [`Error::BadCredentials`]; [`Error::NotActive`]; [`Error::Busy`]; the store's.
    pub async fn log_in(&self, call: &Call, login: &str, password: Password) -> Result<LoggedIn, Error> {
        let outcome = self.try_log_in(call, login, password).await;
        self.counters().count_login(match &outcome {
            Ok(_) => LoginOutcome::Success,
            Err(Error::BadCredentials) => LoginOutcome::BadCredentials,
            Err(Error::NotActive(_)) => LoginOutcome::NotActive,
            Err(Error::TooMany(_)) => LoginOutcome::Limited,
            Err(_) => LoginOutcome::Unavailable,
        });
        outcome
    }

    async fn try_log_in(&self, call: &Call, login: &str, password: Password) -> Result<LoggedIn, Error> {
        self.limits().admit_request(call.client(), self.parts().clock.now())?;
        let login = Login::new(login);
        let user = self.store().user_by_login(&login).await?;
        let checked = self.verify_password(call, Subject::login(&login), user.as_deref(), password).await?;
        match (user, checked.verification) {
            (Some(user), Verification::Right { replacement }) => self.open(call, &user, replacement).await,
            (user, _) => self.refuse(call, user.map(|user| user.id), checked.started + checked.floor).await,
        }
    }

    /// Records the login of a user who has proven to be `proven`, against the state as it is by now.
    async fn open(
        &self,
        call: &Call,
        proven: &User,
        replacement: Option<PasswordHash>,
    ) -> Result<LoggedIn, Error> {
        for _ in 0..ATTEMPTS {
            let Some(current) = self.store().user(proven.id).await? else {
                return self.refuse(call, None, Instant::now()).await;
            };
            let same_credential = current.credential == proven.credential;
            // Another login may have replaced the hash of the same password; a new password is a new epoch.
            if !same_credential && current.auth_epoch != proven.auth_epoch {
                return self.refuse(call, Some(current.id), Instant::now()).await;
            }
            if !current.is_active() {
                return Err(self.turn_away(call, &current));
            }
            let replacement = replacement.clone().filter(|_| same_credential);
            match self.commit_login(call, &current, replacement).await {
                Ok(user) => return Ok(LoggedIn { token: self.issue_token(&user)?, user }),
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Contended)
    }

    async fn commit_login(
        &self,
        call: &Call,
        current: &User,
        replacement: Option<PasswordHash>,
    ) -> Result<Arc<User>, CommitError> {
        let user = Arc::new(current.clone().logged_in(self.parts().clock.now(), replacement));
        let work = UnitOfWork::audited(self.record(call, Action::LoggedIn, user.id))
            .require(Guard::UserVersion(current.id, current.version))
            .require(Guard::AuthEpoch(current.id, current.auth_epoch))
            .require(Guard::CredentialIs(current.id, current.credential.digest()))
            .require(Guard::LastLoginIs(current.id, current.last_login_at))
            .write(Change::PutUser(user.clone()));
        self.store().commit(work).await.map(|()| user)
    }

    fn turn_away(&self, call: &Call, user: &User) -> Error {
        self.note_failure(call, Action::LoggedIn, Some(user.id), Outcome::NotActive);
        Error::NotActive(user.status.kind())
    }

    async fn refuse(
        &self,
        call: &Call,
        target: Option<UserId>,
        answer_at: Instant,
    ) -> Result<LoggedIn, Error> {
        self.note_failure(call, Action::LoggedIn, target, Outcome::BadCredentials);
        tokio::time::sleep_until(answer_at.into()).await;
        Err(Error::BadCredentials)
    }
}
