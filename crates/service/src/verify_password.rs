//! Verifies a password within the rate limits.

use crate::limits::{AdmittedAttempt, CredentialCheck, Subject};
use crate::{Call, Error, Roster};
use roster_auth::password::{Checked, Password, Verification};
use roster_domain::{Action, ClientNetwork, Outcome, PasswordHash, Target, User};
use std::sync::Arc;

impl Roster {
    /// Verifies a password against the stored hash of `user`. Every attempt counts towards the limits, unless the check
    /// fails because the hash pool or the store is not available.
    ///
    /// # Errors
    /// [`Error::TooMany`], before anything is hashed; [`Error::Busy`].
    pub(crate) async fn verify_password(
        &self,
        call: &Call,
        subject: Subject<'_>,
        user: &User,
        password: Password,
    ) -> Result<Verification, Error> {
        let attempt = self.admit_attempt(call, subject, Some(user)).await?;
        let checked = self.check_stored(call, Some(user), password).await;
        match &checked {
            Ok(Checked { verification: Verification::Right { .. }, .. }) => {
                self.attempt_succeeded(call, attempt, user).await;
            }
            Ok(_) => attempt.fail(self.parts().clock.now()).await,
            Err(_) => attempt.withdraw().await,
        }
        Ok(checked?.verification)
    }

    /// Admits an attempt to prove the password of `user`. The caller reports the outcome to the attempt.
    ///
    /// # Errors
    /// [`Error::TooMany`]; the errors of the store.
    pub(crate) async fn admit_attempt(
        &self,
        call: &Call,
        subject: Subject<'_>,
        user: Option<&User>,
    ) -> Result<AdmittedAttempt<'_>, Error> {
        let clock = &self.parts().clock;
        let check = CredentialCheck { subject, user: user.map(|user| user.id), client: call.client() };
        let admitted = match self.limits().admit(check, clock.now()).await? {
            Err(_) if self.restore_known_network(check).await? => {
                self.limits().admit(check, clock.now()).await?
            }
            admitted => admitted,
        };
        Ok(admitted.map_err(|reached| self.limits().count(reached))?)
    }

    /// Reports that an attempt has proven the password of `user`.
    pub(crate) async fn attempt_succeeded(&self, call: &Call, attempt: AdmittedAttempt<'_>, user: &User) {
        attempt.succeed(user, call.client(), self.parts().clock.now()).await;
        self.failed_attempts().expedite(user.id, call.client());
    }

    /// Verifies a password against the stored hash of `user`, if there is one.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub(crate) async fn check_stored(
        &self,
        call: &Call,
        user: Option<&User>,
        password: impl Into<Arc<Password>> + Send,
    ) -> Result<Checked, Error> {
        let hash = user.and_then(|user| user.credential.password_hash().cloned());
        self.check(call, password, hash).await
    }

    /// Restores from the user's sessions whether they have logged in from this network, because a restart clears the
    /// known networks. Returns whether the network has become known.
    async fn restore_known_network(&self, check: CredentialCheck<'_>) -> Result<bool, Error> {
        let Some(user) = check.user else { return Ok(false) };
        let sessions = self.store().sessions(user).await?;
        let from_here =
            sessions.iter().filter(|session| ClientNetwork::from(session.login_ip) == check.client);
        let Some(latest) = from_here.map(|session| session.created_at).max() else { return Ok(false) };
        Ok(self.limits().remember_login(user, check.client, latest, self.parts().clock.now()))
    }

    /// Counts a failure for the audit log.
    pub(crate) fn note_failure(
        &self,
        call: &Call,
        action: Action,
        target: Option<impl Into<Target>>,
        outcome: Outcome,
    ) {
        self.failed_attempts().note(self.record_outcome(call, action, target, outcome));
    }

    /// Verifies a password against a hash, without limits.
    ///
    /// # Errors
    /// [`Error::Busy`].
    pub(crate) async fn check(
        &self,
        call: &Call,
        password: impl Into<Arc<Password>> + Send,
        hash: Option<PasswordHash>,
    ) -> Result<Checked, Error> {
        Ok(self.parts().hash_pool.verify(password, hash, call.address())?.await?)
    }
}
