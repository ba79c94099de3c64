//! One attempt to prove a credential, from its admission to its outcome.

use super::limit_reached::LimitReached;
use super::limiter::Limits;
use super::micros::Micros;
use super::open_attempt::OpenAttempt;
use super::subject::{CredentialCheck, Subject, names};
use jiff::Timestamp;
use roster_domain::{ClientNetwork, User};

/// An admitted attempt. It counts as a failure from the start, so that concurrent attempts cannot bypass the limits.
/// If it is dropped, it remains a failure: a client that disconnects has used its attempt.
#[must_use = "report the outcome"]
pub(crate) struct Attempt<'a> {
    limits: &'a Limits,
    /// `None` once the outcome is known, or if nothing is limited.
    open: Option<OpenAttempt>,
}

impl Attempt<'_> {
    /// Records a wrong credential.
    pub(crate) fn fail(mut self, now: Timestamp) {
        if let Some(open) = self.open.take() {
            self.limits.failed(open, now.as_microsecond());
        }
    }

    /// Records a correct credential: resets the pair of client and name, for each of the user's names, and marks the
    /// client's network as known. The counts of the address and of the name stay, so that attackers cannot clear them
    /// by logging in to an account of their own.
    pub(crate) fn succeed(mut self, user: &User, client: ClientNetwork, now: Timestamp) {
        if let Some(open) = self.open.take() {
            self.limits.succeeded(open, user, client, now.as_microsecond());
        }
    }

    /// Withdraws an attempt that could not be checked: it does not count.
    pub(crate) fn withdraw(mut self) {
        if let Some(open) = self.open.take() {
            self.limits.withdrawn(open);
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            self.limits.failed(open, open.at);
        }
    }
}

impl Limits {
    /// Admits an attempt to prove a credential.
    ///
    /// # Errors
    /// [`LimitReached`] if a limit is reached. Pass it to [`Self::count`] if the rejection is final.
    pub(crate) fn admit(
        &self,
        check: CredentialCheck<'_>,
        now: Timestamp,
    ) -> Result<Attempt<'_>, LimitReached> {
        let Some(settings) = self.settings() else { return Ok(Attempt { limits: self, open: None }) };
        let keys = self.keys(check.subject, check.client);
        let user = check.user.map(|user| self.digest(user));
        let at = now.as_microsecond();
        let exempt = self.tables.lock().admit(&settings, keys, user, at)?;
        Ok(Attempt { limits: self, open: Some(OpenAttempt { keys, exempt, at, settings }) })
    }

    fn failed(&self, open: OpenAttempt, now: Micros) {
        self.tables.lock().fail(open, now);
    }

    fn withdrawn(&self, open: OpenAttempt) {
        self.tables.lock().withdraw(self.settings().as_ref(), open);
    }

    fn succeeded(&self, open: OpenAttempt, user: &User, client: ClientNetwork, now: Micros) {
        let pairs: Vec<u64> = names(user).map(|name| self.keys(Subject::login(&name), client).pair).collect();
        let mut tables = self.tables.lock();
        tables.succeed(self.settings().as_ref(), open, &pairs, now);
        tables.known.remember(self.digest(user.id), open.keys.client, now);
    }
}
