//! The limits as the use cases apply them: with the counts of this server, or with those of all servers.

use super::attempt::Attempt;
use super::digests::Digests;
use super::limit_reached::{LimitReached, LimitScope, TooMany};
use super::limiter::Limits;
use super::settings::LimitSettings;
use super::shared::{Counted, SharedTables};
use super::shared_attempt::SharedAttempt;
use super::subject::{CredentialCheck, Subject, names};
use super::tables::take_one;
use crate::Error;
use jiff::Timestamp;
use roster_domain::{ClientNetwork, User, UserId};
use roster_storage::{SharedCounts, StoreError};
use std::sync::Arc;

/// The limits with their counts.
pub struct RateLimits {
    /// The settings, the known networks, and all counts if nothing is shared.
    own: Limits,
    shared: Option<SharedTables>,
}

/// An admitted attempt to prove a credential. Report its outcome.
pub(crate) enum AdmittedAttempt<'a> {
    /// Counted by this server.
    Own(Attempt<'a>),
    /// Counted by all servers.
    Shared(SharedAttempt<'a>),
}

impl RateLimits {
    /// Creates limits with these settings; `None` limits nothing. With `shared`, all servers count together.
    #[must_use]
    pub fn new(settings: Option<LimitSettings>, shared: Option<Arc<dyn SharedCounts>>) -> Self {
        let digests = shared.as_ref().map_or_else(Digests::own, |shared| Digests::shared(&shared.secret()));
        Self { own: Limits::with_digests(settings, digests), shared: shared.map(SharedTables::new) }
    }

    /// Replaces the settings; `None` limits nothing. The counts so far stay: a client that has used 30 of 50 attempts has
    /// then used 30 of 100. Shared counts are not converted. An attempt in progress keeps the settings it started with.
    pub fn reconfigure(&self, settings: Option<LimitSettings>, now: Timestamp) {
        self.own.reconfigure(settings, now);
    }

    /// How many requests this server has rejected because of this limit.
    #[must_use]
    pub fn limited(&self, scope: LimitScope) -> u64 {
        self.own.limited(scope)
    }

    /// The number of entries in the memory of this server.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.own.entries()
    }

    /// Admits and counts a request of an unauthenticated client, whatever its outcome.
    ///
    /// # Errors
    /// [`Error::TooMany`]; the errors of the store.
    pub(crate) async fn admit_request(&self, client: ClientNetwork, now: Timestamp) -> Result<(), Error> {
        let Some(shared) = &self.shared else { return Ok(self.own.admit_request(client, now)?) };
        let Some(rate) = self.own.settings().and_then(|settings| settings.requests_by_ip) else {
            return Ok(());
        };
        let key = self.own.digest(client);
        let admitted = shared
            .change(&[Counted::Request(key)], now.as_microsecond(), |tables| {
                take_one(&mut tables.requests, rate, key, now)
            })
            .await?;
        self.judge(admitted, LimitScope::Requests)
    }

    /// Admits and counts a registration, whether or not the names turn out to be free.
    ///
    /// # Errors
    /// [`Error::TooMany`]; the errors of the store.
    pub(crate) async fn admit_registration(
        &self,
        client: ClientNetwork,
        now: Timestamp,
    ) -> Result<(), Error> {
        let Some(shared) = &self.shared else { return Ok(self.own.admit_registration(client, now)?) };
        self.admit_request(client, now).await?;
        let Some(rate) = self.own.settings().and_then(|settings| settings.registrations_by_ip) else {
            return Ok(());
        };
        let key = self.own.digest(client);
        let admitted = shared
            .change(&[Counted::Registration(key)], now.as_microsecond(), |tables| {
                take_one(&mut tables.registrations, rate, key, now)
            })
            .await?;
        self.judge(admitted, LimitScope::Registrations)
    }

    fn judge(&self, admitted: Option<Result<(), TooMany>>, scope: LimitScope) -> Result<(), Error> {
        match admitted {
            Some(Err(wait)) => Err(self.count(LimitReached { scope, wait }).into()),
            Some(Ok(())) | None => Ok(()),
        }
    }

    /// Admits an attempt to prove a credential. The inner error says which limit is reached: pass it to
    /// [`Self::count`] if the rejection is final.
    ///
    /// # Errors
    /// The errors of the store.
    pub(crate) async fn admit(
        &self,
        check: CredentialCheck<'_>,
        now: Timestamp,
    ) -> Result<Result<AdmittedAttempt<'_>, LimitReached>, StoreError> {
        match &self.shared {
            None => Ok(self.own.admit(check, now).map(AdmittedAttempt::Own)),
            Some(shared) => {
                let admitted = SharedAttempt::admit(&self.own, shared, check, now).await?;
                Ok(admitted.map(AdmittedAttempt::Shared))
            }
        }
    }

    /// Remembers a login; see [`Limits::remember_login`]. Each server knows the networks of the logins that it has seen, and
    /// finds others in the sessions.
    pub(crate) fn remember_login(
        &self,
        user: UserId,
        client: ClientNetwork,
        login: Timestamp,
        now: Timestamp,
    ) -> bool {
        self.own.remember_login(user, client, login, now)
    }

    /// Clears the delays and the limit for every login name of a user, and for confirming their password.
    ///
    /// # Errors
    /// The errors of the store.
    pub(crate) async fn unlock(&self, user: &User) -> Result<(), StoreError> {
        let Some(shared) = &self.shared else {
            self.own.unlock(user);
            return Ok(());
        };
        let confirmation = self.own.digest(Subject::Confirmation(user.id));
        let subjects: Vec<u64> = names(user).map(|name| self.own.digest(Subject::login(&name))).collect();
        for subject in subjects.into_iter().chain([confirmation]) {
            shared.clear_failures(subject).await?;
        }
        Ok(())
    }

    /// Removes the entries in the memory of this server that no longer have an effect.
    pub(crate) fn sweep(&self, now: Timestamp) {
        self.own.sweep(now);
    }

    /// Removes the shared counts that no longer have an effect.
    ///
    /// # Errors
    /// The errors of the store.
    pub(crate) async fn sweep_shared(&self, now: Timestamp) -> Result<(), StoreError> {
        match &self.shared {
            None => Ok(()),
            Some(shared) => shared.sweep(now.as_microsecond()).await,
        }
    }

    /// Counts a rejection.
    pub(crate) fn count(&self, reached: LimitReached) -> TooMany {
        self.own.count(reached)
    }
}

impl AdmittedAttempt<'_> {
    /// Records a wrong credential.
    pub(crate) async fn fail(self, now: Timestamp) {
        match self {
            Self::Own(attempt) => attempt.fail(now),
            Self::Shared(attempt) => attempt.fail(now).await,
        }
    }

    /// Records a correct credential; see [`Attempt::succeed`].
    pub(crate) async fn succeed(self, user: &User, client: ClientNetwork, now: Timestamp) {
        match self {
            Self::Own(attempt) => attempt.succeed(user, client, now),
            Self::Shared(attempt) => attempt.succeed(user, client, now).await,
        }
    }

    /// Withdraws an attempt that could not be checked: it does not count.
    pub(crate) async fn withdraw(self) {
        match self {
            Self::Own(attempt) => attempt.withdraw(),
            Self::Shared(attempt) => attempt.withdraw().await,
        }
    }
}
