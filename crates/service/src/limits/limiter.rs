//! The limits, and what has been counted against them.

use super::open_attempt::Keys;
use super::refusal::{LimitScope, Refused, TooMany};
use super::settings::LimitSettings;
use super::subject::{Subject, names};
use super::tables::{Tables, spend};
use arc_swap::ArcSwapOption;
use jiff::Timestamp;
use parking_lot::Mutex;
use roster_domain::{ClientNetwork, User, UserId};
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The limits, and what has been counted against them.
pub struct Limits {
    /// `None`: nothing is limited.
    settings: ArcSwapOption<LimitSettings>,
    digests: RandomState,
    pub(super) tables: Mutex<Tables>,
    limited: [AtomicU64; LimitScope::ALL.len()],
}

impl Limits {
    /// Limits by these settings; without any, nothing is limited.
    #[must_use]
    pub fn new(settings: Option<LimitSettings>) -> Self {
        let tables = Mutex::new(Tables::new(settings.as_ref()));
        let settings = ArcSwapOption::new(settings.map(Arc::new));
        Self { settings, digests: RandomState::new(), tables, limited: Default::default() }
    }

    /// Goes on with other settings, or without any. What was counted so far still counts: somebody who has used up
    /// thirty of fifty attempts has used up thirty of a hundred. An attempt under way ends by the settings that it
    /// began with.
    pub fn reconfigure(&self, settings: Option<LimitSettings>, now: Timestamp) {
        let mut tables = self.tables.lock();
        let before = self.settings.swap(settings.map(Arc::new));
        if let Some(settings) = &settings {
            tables.reconfigure(before.as_deref(), settings, now.as_microsecond());
        }
    }

    /// How many requests this limit has refused.
    #[must_use]
    pub fn limited(&self, scope: LimitScope) -> u64 {
        self.limited[scope as usize].load(Ordering::Relaxed)
    }

    /// How many clients, names, pairs and people are on record.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.tables.lock().len()
    }

    /// Admits a request of somebody who has not said who they are, whatever comes of it.
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) fn admit_request(&self, client: ClientNetwork, now: Timestamp) -> Result<(), TooMany> {
        let Some(rate) = self.settings().and_then(|settings| settings.requests_by_ip) else { return Ok(()) };
        let admitted = spend(&mut self.tables.lock().requests, rate, self.digest(client), now);
        admitted.map_err(|wait| self.count(Refused { scope: LimitScope::Requests, wait }))
    }

    /// Admits somebody who registers, whether the names turn out to be free or not.
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) fn admit_registration(&self, client: ClientNetwork, now: Timestamp) -> Result<(), TooMany> {
        self.admit_request(client, now)?;
        let Some(rate) = self.settings().and_then(|settings| settings.registrations_by_ip) else {
            return Ok(());
        };
        let admitted = spend(&mut self.tables.lock().registrations, rate, self.digest(client), now);
        admitted.map_err(|wait| self.count(Refused { scope: LimitScope::Registrations, wait }))
    }

    /// Takes in that a user logged in from there at `login`. Says whether that was not known and still counts.
    pub(crate) fn recall(
        &self,
        user: UserId,
        client: ClientNetwork,
        login: Timestamp,
        now: Timestamp,
    ) -> bool {
        if self.settings.load().is_none() {
            return false;
        }
        let (person, network, now) = (self.digest(user), self.digest(client), now.as_microsecond());
        let known = &mut self.tables.lock().known;
        if known.knows(person, network, now) {
            return false;
        }
        known.remember(person, network, login.as_microsecond());
        known.knows(person, network, now)
    }

    /// Lifts the delays and the limit at every name of a person, and where they confirm who they are.
    pub(crate) fn unlock(&self, user: &User) {
        let confirmation = self.digest(Subject::Confirmation(user.id));
        let names = names(user).map(|name| self.digest(Subject::login(&name)));
        for subject in names.chain([confirmation]) {
            // Each look goes through all pairs, a millisecond where the table is full; others are let in between.
            self.tables.lock().forgive(subject);
        }
    }

    /// Forgets what says nothing any more.
    pub(crate) fn sweep(&self, now: Timestamp) {
        let now = now.as_microsecond();
        // One table at a time: nobody waits for all of them.
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

    /// 64 bits under a key of this process: nobody can aim at another's record.
    pub(super) fn digest(&self, value: impl Hash) -> u64 {
        self.digests.hash_one(value)
    }

    /// Counts somebody who is refused.
    pub(crate) fn count(&self, refused: Refused) -> TooMany {
        self.limited[refused.scope as usize].fetch_add(1, Ordering::Relaxed);
        refused.wait
    }
}
