//! The limits with their counts.

use super::digests::Digests;
use super::limit_reached::{LimitReached, LimitScope, TooMany};
use super::open_attempt::Keys;
use super::settings::LimitSettings;
use super::subject::{Subject, names};
use super::tables::{Tables, take_one};
use arc_swap::ArcSwapOption;
use jiff::Timestamp;
use parking_lot::Mutex;
use roster_domain::{ClientNetwork, User, UserId};
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The limits with their counts.
pub(crate) struct Limits {
    /// `None` if nothing is limited.
    settings: ArcSwapOption<LimitSettings>,
    digests: Digests,
    pub(super) tables: Mutex<Tables>,
    limited: [AtomicU64; LimitScope::ALL.len()],
}

impl Limits {
    /// Creates limits with these settings; `None` limits nothing.
    #[cfg(test)]
    pub(super) fn new(settings: Option<LimitSettings>) -> Self {
        Self::with_digests(settings, Digests::own())
    }

    /// Creates limits that count under these digests.
    pub(super) fn with_digests(settings: Option<LimitSettings>, digests: Digests) -> Self {
        let tables = Mutex::new(Tables::new(settings.as_ref()));
        let settings = ArcSwapOption::new(settings.map(Arc::new));
        Self { settings, digests, tables, limited: Default::default() }
    }

    /// Replaces the settings; `None` limits nothing. The counts so far stay: a client that has used 30 of 50 attempts
    /// has then used 30 of 100. An attempt in progress keeps the settings it started with.
    pub(crate) fn reconfigure(&self, settings: Option<LimitSettings>, now: Timestamp) {
        let mut tables = self.tables.lock();
        let before = self.settings.swap(settings.map(Arc::new));
        if let Some(settings) = &settings {
            tables.reconfigure(before.as_deref(), settings, now.as_microsecond());
        }
    }

    /// How many requests this limit has rejected.
    pub(crate) fn limited(&self, scope: LimitScope) -> u64 {
        self.limited[scope as usize].load(Ordering::Relaxed)
    }

    /// The number of entries in all tables: clients, names, pairs and users.
    pub(crate) fn entries(&self) -> usize {
        self.tables.lock().len()
    }

    /// Admits and counts a request of an unauthenticated client, whatever its outcome.
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) fn admit_request(&self, client: ClientNetwork, now: Timestamp) -> Result<(), TooMany> {
        let Some(rate) = self.settings().and_then(|settings| settings.requests_by_ip) else { return Ok(()) };
        let admitted = take_one(&mut self.tables.lock().requests, rate, self.digest(client), now);
        admitted.map_err(|wait| self.count(LimitReached { scope: LimitScope::Requests, wait }))
    }

    /// Admits and counts a registration, whether or not the names turn out to be free.
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) fn admit_registration(&self, client: ClientNetwork, now: Timestamp) -> Result<(), TooMany> {
        self.admit_request(client, now)?;
        let Some(rate) = self.settings().and_then(|settings| settings.registrations_by_ip) else {
            return Ok(());
        };
        let admitted = take_one(&mut self.tables.lock().registrations, rate, self.digest(client), now);
        admitted.map_err(|wait| self.count(LimitReached { scope: LimitScope::Registrations, wait }))
    }

    /// Remembers that a user logged in from `client` at `login`. Returns whether the network is known now and was not
    /// before.
    pub(crate) fn remember_login(
        &self,
        user: UserId,
        client: ClientNetwork,
        login: Timestamp,
        now: Timestamp,
    ) -> bool {
        if self.settings.load().is_none() {
            return false;
        }
        let (user, network, now) = (self.digest(user), self.digest(client), now.as_microsecond());
        let known = &mut self.tables.lock().known;
        if known.contains(user, network, now) {
            return false;
        }
        known.remember(user, network, login.as_microsecond());
        known.contains(user, network, now)
    }

    /// Clears the delays and the limit for every login name of a user, and for confirming their password.
    pub(crate) fn unlock(&self, user: &User) {
        let confirmation = self.digest(Subject::Confirmation(user.id));
        let names = names(user).map(|name| self.digest(Subject::login(&name)));
        for subject in names.chain([confirmation]) {
            // Each call scans all pairs, which takes a millisecond if the table is full. Others can take the lock in
            // between.
            self.tables.lock().clear_failures(subject);
        }
    }

    /// Removes the entries that no longer have an effect.
    pub(crate) fn sweep(&self, now: Timestamp) {
        let now = now.as_microsecond();
        // Takes the lock for one table at a time, to keep the wait of requests short.
        self.tables.lock().requests.sweep(now);
        self.tables.lock().registrations.sweep(now);
        self.tables.lock().by_client.sweep(now);
        self.tables.lock().by_login.sweep(now);
        self.tables.lock().pairs.sweep(now);
        self.tables.lock().known.sweep(now);
    }

    pub(super) fn settings(&self) -> Option<LimitSettings> {
        self.settings.load().as_deref().copied()
    }

    pub(super) fn keys(&self, subject: Subject<'_>, client: ClientNetwork) -> Keys {
        Keys {
            client: self.digest(client),
            subject: self.digest(subject),
            pair: self.digest((subject, client)),
        }
    }

    pub(super) fn digest(&self, value: impl Hash) -> u64 {
        self.digests.of(value)
    }

    /// Counts a rejection.
    pub(crate) fn count(&self, reached: LimitReached) -> TooMany {
        self.limited[reached.scope as usize].fetch_add(1, Ordering::Relaxed);
        reached.wait
    }
}
