//! A name and a password for an access token.

use crate::limits::Subject;
use crate::optimistic::retry;
use crate::refresh_session::about;
use crate::{Call, Error, LoggedIn, LoginOutcome, Roster};
use roster_auth::password::{Password, Verification};
use roster_auth::token::PasswordChangeToken;
use roster_domain::{Action, AuditRecord, Login, Outcome, PasswordHash, User, UserId};
use roster_storage::{Change, Guard, UnitOfWork};
use std::sync::Arc;
use std::time::Instant;

/// What a right name and password give.
#[derive(Debug)]
pub enum LoginAnswer {
    /// A session.
    Session(Box<LoggedIn>),
    /// A way to replace a temporary password, and nothing else.
    PasswordChange(PasswordChangeLogin),
}

/// A login with a temporary password.
#[derive(Debug)]
pub struct PasswordChangeLogin {
    /// What lets the user replace it.
    pub token: PasswordChangeToken,
    /// The user, as they are now.
    pub user: Arc<User>,
}

impl Roster {
    /// Checks a login and its password, where there is no way to replace a temporary one.
    ///
    /// # Errors
    /// [`Error::PasswordChangeRequired`] for a right password that is a temporary one; as
    /// [`Self::log_in_or_change_password`].
    pub async fn log_in(&self, call: &Call, login: &str, password: Password) -> Result<LoggedIn, Error> {
        match self.log_in_or_change_password(call, login, password).await? {
            LoginAnswer::Session(logged_in) => Ok(*logged_in),
            LoginAnswer::PasswordChange(_) => Err(Error::PasswordChangeRequired),
        }
    }

    /// Checks a login and its password. A temporary one opens no session: it gives a token that lets its owner replace
    /// it, for a few minutes.
    ///
    /// A failure takes the same time and says the same, whether the name is known or not and whatever its
    /// hash costs: the answer comes no earlier than a floor after its hash job began. Whether an account is
    /// disabled or pending is said only after the right password. A right password whose hash is outdated
    /// is stored anew.
    ///
    /// # Errors
    /// [`Error::TooMany`]; [`Error::BadCredentials`]; [`Error::NotActive`]; [`Error::Busy`]; the store's.
    pub async fn log_in_or_change_password(
        &self,
        call: &Call,
        login: &str,
        password: Password,
    ) -> Result<LoginAnswer, Error> {
        let outcome = self.try_log_in(call, login, password).await;
        self.counters().count_login(match &outcome {
            Ok(LoginAnswer::Session(_)) => LoginOutcome::Success,
            Ok(LoginAnswer::PasswordChange(_)) => LoginOutcome::PasswordChangeRequired,
            Err(Error::BadCredentials) => LoginOutcome::BadCredentials,
            Err(Error::NotActive(_)) => LoginOutcome::NotActive,
            Err(Error::TooMany(_)) => LoginOutcome::Limited,
            Err(_) => LoginOutcome::Unavailable,
        });
        outcome
    }

    async fn try_log_in(&self, call: &Call, login: &str, password: Password) -> Result<LoginAnswer, Error> {
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
    ) -> Result<LoginAnswer, Error> {
        retry(|| async {
            let Some(current) = self.store().user(proven.id).await? else {
                return self.refuse(call, None, Instant::now()).await.map(Some);
            };
            let same_credential = current.credential == proven.credential;
            // Another login may have replaced the hash of the same password; a new password is a new epoch.
            if !same_credential && current.auth_epoch != proven.auth_epoch {
                return self.refuse(call, Some(current.id), Instant::now()).await.map(Some);
            }
            if !current.is_active() {
                return Err(self.reject_inactive(call, &current));
            }
            let replacement = replacement.clone().filter(|_| same_credential);
            if current.must_change_password {
                self.commit_password_change_login(call, current).await
            } else {
                self.commit_login(call, &current, replacement).await
            }
        })
        .await
    }

    /// Writes the login and its session. `None` if the user was changed meanwhile, or logged in elsewhere.
    async fn commit_login(
        &self,
        call: &Call,
        current: &User,
        replacement: Option<PasswordHash>,
    ) -> Result<Option<LoginAnswer>, Error> {
        let now = self.parts().clock.now();
        let user = Arc::new(current.clone().logged_in(now, replacement));
        let (refresh_token, session) = self.new_session(call, &user);
        let session = Arc::new(session);
        let present = self.store().sessions(user.id).await?;
        let ending = self.sessions_to_end(&present, now);
        let work = UnitOfWork::audited(about(self.record_own(call, Action::LoggedIn, &user), session.id))
            .require(Guard::UserVersion(current.id, current.version))
            .require(Guard::AuthEpoch(current.id, current.auth_epoch))
            .require(Guard::CredentialIs(current.id, current.credential.digest()))
            .require(Guard::LastLoginIs(current.id, current.last_login_at))
            .require(Guard::SessionCount(current.id, present.len()))
            // As many may be others: one ended for another login, which took its place.
            .require_all(ending.iter().copied().map(Guard::SessionExists))
            .write(Change::PutUser(user.clone()))
            .write_all(ending.into_iter().map(Change::RemoveSession))
            .write(Change::PutSession(session.clone()));
        if self.try_commit(work, |_| true).await?.is_none() {
            return Ok(None);
        }
        let logged_in = self.logged_in(user, session, refresh_token)?;
        Ok(Some(LoginAnswer::Session(Box::new(logged_in))))
    }

    /// Writes down that somebody logged in with a temporary password, which changes nothing of theirs. `None` if the
    /// user was changed meanwhile.
    async fn commit_password_change_login(
        &self,
        call: &Call,
        current: Arc<User>,
    ) -> Result<Option<LoginAnswer>, Error> {
        let record = self.record_own(call, Action::LoggedIn, &current);
        let record = AuditRecord { outcome: Outcome::PasswordChangeRequired, ..record };
        let work = UnitOfWork::audited(record)
            .require(Guard::UserVersion(current.id, current.version))
            .require(Guard::AuthEpoch(current.id, current.auth_epoch))
            .require(Guard::CredentialIs(current.id, current.credential.digest()));
        if self.try_commit(work, |_| true).await?.is_none() {
            return Ok(None);
        }
        let now = self.parts().clock.now();
        let token = self.parts().token_issuer.issue_password_change(&current, now);
        let token = token.map_err(|error| Error::Keys(error.into()))?;
        Ok(Some(LoginAnswer::PasswordChange(PasswordChangeLogin { token, user: current })))
    }

    fn reject_inactive(&self, call: &Call, user: &User) -> Error {
        self.note_failure(call, Action::LoggedIn, Some(user.id), Outcome::NotActive);
        Error::NotActive(user.status.kind())
    }

    async fn refuse(
        &self,
        call: &Call,
        target: Option<UserId>,
        answer_at: Instant,
    ) -> Result<LoginAnswer, Error> {
        self.note_failure(call, Action::LoggedIn, target, Outcome::BadCredentials);
        tokio::time::sleep_until(answer_at.into()).await;
        Err(Error::BadCredentials)
    }
}
