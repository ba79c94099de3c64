//! One try at a secret, from its admission to its outcome.

use super::limiter::Limits;
use super::micros::Micros;
use super::open_attempt::OpenAttempt;
use super::pair::Pair;
use super::refusal::Refused;
use super::subject::{CredentialCheck, Subject, names};
use jiff::Timestamp;
use roster_domain::{ClientNetwork, User};

/// An attempt that was admitted. It counts as a failure from the beginning, so that many at once are no way
/// around the limits, and goes on counting as one if it is dropped: whoever hangs up has had their try.
#[must_use = "say how it ended"]
pub(crate) struct Attempt<'a> {
    limits: &'a Limits,
    /// `None` once it is settled, or where nothing is limited.
    open: Option<OpenAttempt>,
}

impl Attempt<'_> {
    /// It was wrong.
    pub(crate) fn wrong(mut self, now: Timestamp) {
        if let Some(open) = self.open.take() {
            self.limits.failed(open, now.as_microsecond());
        }
    }

    /// It was right: the pair begins anew, under each of the user's names, and is known from now on. What was
    /// counted against the address and the name stays: an account of one's own is no way to clear it.
    pub(crate) fn right(mut self, user: &User, client: ClientNetwork, now: Timestamp) {
        if let Some(open) = self.open.take() {
            self.limits.succeeded(open, user, client, now.as_microsecond());
        }
    }

    /// It was not decided: the attempt counts for nothing.
    pub(crate) fn undecided(mut self) {
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
    /// Admits an attempt at a secret.
    ///
    /// # Errors
    /// [`Refused`], to be [counted](Self::count) if it stays at that.
    pub(crate) fn admit(&self, check: CredentialCheck<'_>, now: Timestamp) -> Result<Attempt<'_>, Refused> {
        let Some(settings) = self.settings() else { return Ok(Attempt { limits: self, open: None }) };
        let keys = self.keys(check.subject, check.client);
        let user = check.user.map(|user| self.digest(user));
        let at = now.as_microsecond();
        let exempt = self.tables.lock().admit(&settings, keys, user, at)?;
        Ok(Attempt { limits: self, open: Some(OpenAttempt { keys, exempt, at, settings }) })
    }

    fn failed(&self, open: OpenAttempt, now: Micros) {
        self.tables.lock().pairs.update(open.keys.pair, |pair| {
            pair.subject = open.keys.subject;
            open.settings.delay.fail(pair, now);
        });
    }

    fn withdrawn(&self, open: OpenAttempt) {
        let mut tables = self.tables.lock();
        tables.give_back(self.settings().as_ref(), open);
        tables.settle(open.keys.pair, open.at, Pair::end);
    }

    fn succeeded(&self, open: OpenAttempt, user: &User, client: ClientNetwork, now: Micros) {
        self.withdrawn(open);
        let pairs: Vec<u64> = names(user).map(|name| self.keys(Subject::login(&name), client).pair).collect();
        let mut tables = self.tables.lock();
        for key in pairs.into_iter().chain([open.keys.pair]) {
            tables.settle(key, now, Pair::reset);
        }
        tables.known.remember(self.digest(user.id), open.keys.client, now);
    }
}
