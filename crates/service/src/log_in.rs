//! Logs a user in with a login name and a password.

use crate::limits::Subject;
use crate::migration::Unverified;
use crate::refresh_session::with_session;
use crate::{Call, Error, LoggedIn, LoginOutcome, Roster};
use roster_auth::password::{Checked, Password, Verification};
use roster_auth::token::PasswordChangeToken;
use roster_domain::{Action, AuditRecord, Login, Outcome, PasswordHash, User, UserId};
use roster_storage::{Change, Guard, UnitOfWork};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How much longer than a question a failed login takes: more than what follows the question, so that the response time
/// does not show whether there was one.
const AFTER_QUESTION: Duration = Duration::from_millis(50);

/// The result of a login with the correct password.
#[derive(Debug)]
pub enum LoginResult {
    /// A new session.
    Session(Box<LoggedIn>),
    /// A token that can only replace a temporary password.
    PasswordChange(PasswordChangeLogin),
}

/// A login with a temporary password.
#[derive(Debug)]
pub struct PasswordChangeLogin {
    /// The token that lets the user replace it.
    pub token: PasswordChangeToken,
    /// The user.
    pub user: Arc<User>,
}

impl Roster {
    /// Logs a user in, for clients that cannot replace a temporary password.
    ///
    /// # Errors
    /// [`Error::PasswordChangeRequired`] if the password is temporary; otherwise as
    /// [`Self::log_in_or_change_password`].
    pub async fn log_in(&self, call: &Call, login: &str, password: Password) -> Result<LoggedIn, Error> {
        match self.log_in_or_change_password(call, login, password).await? {
            LoginResult::Session(logged_in) => Ok(*logged_in),
            LoginResult::PasswordChange(_) => Err(Error::PasswordChangeRequired),
        }
    }

    /// Logs a user in. A temporary password opens no session; the user gets a token that is valid for a few minutes and
    /// can only replace the password.
    ///
    /// Failures are the same for existing and unknown names, and take the same minimum time, counted from the start of
    /// the hash job, whatever the cost of the stored hash. Only the correct password reveals whether an account is
    /// disabled or pending. If the stored hash is outdated, the password is rehashed.
    ///
    /// With [a migration](crate::Migration), the old system is asked about a login that failed here, if nobody has the login name or its
    /// owner only lacks a password. If it confirms the password, the person is migrated and logged in. Every failed login then
    /// takes [`Migration::timeout`](crate::Migration::timeout) longer, whether the old system was asked or not.
    ///
    /// # Errors
    /// [`Error::TooMany`]; [`Error::BadCredentials`]; [`Error::NotActive`]; [`Error::Busy`]; the errors of the store.
    pub async fn log_in_or_change_password(
        &self,
        call: &Call,
        login: &str,
        password: Password,
    ) -> Result<LoginResult, Error> {
        let outcome = self.try_log_in(call, login, password).await;
        self.counters().count_login(counted_as(&outcome));
        outcome
    }

    async fn try_log_in(&self, call: &Call, typed: &str, password: Password) -> Result<LoginResult, Error> {
        self.limits().admit_request(call.client(), self.parts().clock.now()).await?;
        let login = Login::new(typed);
        let user = self.store().user_by_login(&login).await?;
        let password = Arc::new(password);
        let attempt = self.admit_attempt(call, Subject::login(&login), user.as_deref()).await?;
        let checked = match self.check_stored(call, user.as_deref(), Arc::clone(&password)).await {
            Ok(checked) => checked,
            Err(error) => {
                attempt.withdraw().await;
                return Err(error);
            }
        };
        let respond_at = self.respond_at(&checked);
        if let (Some(user), Verification::Right { replacement }) = (&user, checked.verification) {
            self.attempt_succeeded(call, attempt, user).await;
            return self.complete(call, user, replacement, respond_at).await;
        }
        let unverified = Unverified { typed, login: &login, user: user.as_ref(), password: &password };
        match self.migrate(call, &unverified).await {
            Ok(Some(migrated)) => {
                self.attempt_succeeded(call, attempt, &migrated).await;
                self.complete(call, &migrated, None, respond_at).await
            }
            Ok(None) => {
                attempt.fail(self.parts().clock.now()).await;
                self.reject(call, user.map(|user| user.id), respond_at).await
            }
            Err(error) => {
                attempt.withdraw().await;
                Err(error)
            }
        }
    }

    /// The earliest time of the response to a failed login. It is set before it is known whether the old system will be
    /// asked, and leaves time for a whole question, so it is the same in both cases.
    fn respond_at(&self, checked: &Checked) -> Instant {
        let floor = checked.started + checked.floor;
        let Some(migration) = &self.parts().migration else { return floor };
        floor.max(tokio::time::Instant::now().into_std()) + migration.timeout + AFTER_QUESTION
    }

    /// Completes the login of a user whose password was verified. Reads the user again, because they may have changed
    /// since `verified` was read.
    async fn complete(
        &self,
        call: &Call,
        verified: &User,
        replacement: Option<PasswordHash>,
        respond_at: Instant,
    ) -> Result<LoginResult, Error> {
        self.retry(|| async {
            let Some(current) = self.store().user(verified.id).await? else {
                return self.reject(call, None, respond_at).await.map(Some);
            };
            let same_credential = current.credential == verified.credential;
            // A concurrent login may have rehashed the same password. A new password changes the epoch too.
            if !same_credential && current.auth_epoch != verified.auth_epoch {
                return self.reject(call, Some(current.id), respond_at).await.map(Some);
            }
            if !current.is_active() {
                return Err(self.reject_inactive(call, &current, respond_at).await);
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

    /// Commits the login and its session. `None` if the user was changed or logged in elsewhere meanwhile.
    async fn commit_login(
        &self,
        call: &Call,
        current: &User,
        replacement: Option<PasswordHash>,
    ) -> Result<Option<LoginResult>, Error> {
        let now = self.parts().clock.now();
        let user = Arc::new(current.clone().logged_in(now, replacement));
        let (refresh_token, session) = self.new_session(call, &user);
        let session = Arc::new(session);
        let existing = self.store().sessions(user.id).await?;
        let ending = self.sessions_to_end(&existing, now);
        let work =
            UnitOfWork::audited(with_session(self.record_own(call, Action::LoggedIn, &user), session.id))
                .require(Guard::UserVersion(current.id, current.version))
                .require(Guard::AuthEpoch(current.id, current.auth_epoch))
                .require(Guard::CredentialIs(current.id, current.credential.clone()))
                .require(Guard::LastLoginIs(current.id, current.last_login_at))
                .require(Guard::SessionCount(current.id, existing.len()))
                // The count alone is not enough: a concurrent login may have ended one session and opened another.
                .require_all(ending.iter().copied().map(Guard::SessionExists))
                .write(Change::PutUser(user.clone()))
                .write_all(ending.into_iter().map(Change::RemoveSession))
                .write(Change::PutSession(session.clone()));
        if self.try_commit(work, |_| true).await?.is_none() {
            return Ok(None);
        }
        let logged_in = self.logged_in(user, session, refresh_token)?;
        Ok(Some(LoginResult::Session(Box::new(logged_in))))
    }

    /// Records a login with a temporary password, which does not change the user. `None` if the user was changed
    /// meanwhile.
    async fn commit_password_change_login(
        &self,
        call: &Call,
        current: Arc<User>,
    ) -> Result<Option<LoginResult>, Error> {
        let record = self.record_own(call, Action::LoggedIn, &current);
        let record = AuditRecord { outcome: Outcome::PasswordChangeRequired.into(), ..record };
        let work = UnitOfWork::audited(record)
            .require(Guard::UserVersion(current.id, current.version))
            .require(Guard::AuthEpoch(current.id, current.auth_epoch))
            .require(Guard::CredentialIs(current.id, current.credential.clone()));
        if self.try_commit(work, |_| true).await?.is_none() {
            return Ok(None);
        }
        let now = self.parts().clock.now();
        let token = self.parts().token_issuer.issue_password_change(&current, now);
        let token = token.map_err(|error| Error::Keys(error.into()))?;
        Ok(Some(LoginResult::PasswordChange(PasswordChangeLogin { token, user: current })))
    }

    async fn reject_inactive(&self, call: &Call, user: &User, respond_at: Instant) -> Error {
        self.note_failure(call, Action::LoggedIn, Some(user.id), Outcome::NotActive);
        tokio::time::sleep_until(respond_at.into()).await;
        Error::NotActive(user.status.kind())
    }

    async fn reject(
        &self,
        call: &Call,
        target: Option<UserId>,
        respond_at: Instant,
    ) -> Result<LoginResult, Error> {
        self.note_failure(call, Action::LoggedIn, target, Outcome::BadCredentials);
        tokio::time::sleep_until(respond_at.into()).await;
        Err(Error::BadCredentials)
    }
}

fn counted_as(outcome: &Result<LoginResult, Error>) -> LoginOutcome {
    match outcome {
        Ok(LoginResult::Session(_)) => LoginOutcome::Success,
        Ok(LoginResult::PasswordChange(_)) => LoginOutcome::PasswordChangeRequired,
        Err(Error::BadCredentials) => LoginOutcome::BadCredentials,
        Err(Error::NotActive(_)) => LoginOutcome::NotActive,
        Err(Error::TooMany(_)) => LoginOutcome::Limited,
        Err(_) => LoginOutcome::Unavailable,
    }
}
