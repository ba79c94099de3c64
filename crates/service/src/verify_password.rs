//! Verifies a password within the rate limits.

use crate::limits::{CredentialCheck, Subject};
use crate::{Call, Error, Roster};
use roster_auth::password::{Checked, Password, Verification};
use roster_domain::{Action, ClientNetwork, Outcome, PasswordHash, Target, User};
use std::sync::Arc;

impl Roster {
    /// Verifies a password against the stored hash of `user`, if there is one. Every attempt counts towards the limits,
    /// unless the check fails because the hash pool or the store is not available.
    ///
    /// # Errors
    /// [`Error::TooMany`], before anything is hashed; [`Error::Busy`].
    pub(crate) async fn verify_password(
        &self,
        call: &Call,
        subject: Subject<'_>,
        user: Option<&User>,
        password: Password,
    ) -> Result<Checked, Error> {
        let clock = &self.parts().clock;
        let check = CredentialCheck { subject, user: user.map(|user| user.id), client: call.client() };
        let admitted = match self.limits().admit(check, clock.now()).await? {
            Err(_) if self.restore_known_network(check).await? => {
                self.limits().admit(check, clock.now()).await?
            }
            admitted => admitted,
        };
        let attempt = admitted.map_err(|reached| self.limits().count(reached))?;
        let hash = user.and_then(|user| user.credential.password_hash().cloned());
        let checked = self.check(call, password, hash).await;
        match (&checked, user) {
            (Ok(Checked { verification: Verification::Right { .. }, .. }), Some(user)) => {
                attempt.succeed(user, call.client(), clock.now()).await;
                self.failed_attempts().expedite(user.id, call.client());
            }
            (Ok(_), _) => attempt.fail(clock.now()).await,
            (Err(_), _) => attempt.withdraw().await,
        }
        checked
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
