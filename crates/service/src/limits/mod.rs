//! How much is too much: limits by client, by name and by the pair of both.
//!
//! - Whoever fails is slowed down, never locked out: a **pair** of a name and a client waits longer after each
//!   further failure, and is answered at once that it has to.
//! - A **client** and a **name** may fail so often in so long. A pair that has succeeded lately is held to
//!   neither, so that nobody can lock a person out from elsewhere.
//! - A **client** may ask and register so often in so long, whatever comes of it.
//!
//! Whether a name belongs to anybody plays no part in it: a name is a digest of what was typed, in its
//! canonical spelling. Everything is decided before a password is hashed.
//!
//! All is in memory, in tables that have a capacity. A restart forgets the failures; from where people have
//! logged in is learnt again from their sessions.

mod attempt;
mod known;
mod pair;
mod rate;
mod settings;
mod table;
mod tables;
#[cfg(test)]
mod tests;

pub(crate) use attempt::{Attempt, CredentialCheck};
pub use pair::Delay;
pub use rate::Rate;
pub use settings::LimitSettings;

use arc_swap::ArcSwapOption;
use attempt::{Keys, Open, names};
use jiff::Timestamp;
use pair::Pair;
use parking_lot::Mutex;
use roster_domain::{ClientNetwork, Login, User, UserId};
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tables::{Tables, spend};
use thiserror::Error;

/// Microseconds, since 1970 or as a duration.
type Micros = i64;

/// A limit was reached. Nothing was looked at or hashed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("too many attempts; {}s to wait", retry_after.as_secs())]
pub struct TooMany {
    /// How many the limit allows.
    pub limit: u32,
    /// When one more is allowed.
    pub retry_after: Duration,
}

/// Which limit was reached, and what to tell whoever is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) scope: LimitScope,
    pub(crate) wait: TooMany,
}

/// What a secret is held against.
#[derive(Clone, Copy, Debug, Hash)]
pub(crate) enum Subject<'a> {
    /// A name that somebody logs in with.
    Login(&'a str),
    /// Oneself, once more, with an access token: nobody else can use up these attempts.
    Confirmation(UserId),
}

/// Which limit it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitScope {
    /// Requests of a client.
    Requests,
    /// Registrations of a client.
    Registrations,
    /// Failures of a client.
    Client,
    /// Failures at a name.
    Login,
    /// A client that failed at a name.
    Pair,
}

/// The limits, and what has been counted against them.
pub struct Limits {
    /// `None`: nothing is limited.
    settings: ArcSwapOption<LimitSettings>,
    digests: RandomState,
    tables: Mutex<Tables>,
    limited: [AtomicU64; LimitScope::ALL.len()],
}

impl LimitScope {
    /// Every scope.
    pub const ALL: [Self; 5] = [Self::Requests, Self::Registrations, Self::Client, Self::Login, Self::Pair];

    /// The name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Registrations => "registrations",
            Self::Client => "ip",
            Self::Login => "login",
            Self::Pair => "pair",
        }
    }
}

impl TooMany {
    fn new(limit: u32, wait: Micros) -> Self {
        Self { limit, retry_after: Duration::from_micros(wait.unsigned_abs()) }
    }
}

impl<'a> Subject<'a> {
    /// A name in its canonical spelling.
    pub(crate) fn login(login: &'a Login) -> Self {
        Self::Login(login.key())
    }
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

    /// Admits an attempt at a secret.
    ///
    /// # Errors
    /// [`Refused`], to be [counted](Self::count) if it stays at that.
    pub(crate) fn admit(&self, guess: CredentialCheck<'_>, now: Timestamp) -> Result<Attempt<'_>, Refused> {
        let Some(settings) = self.settings() else { return Ok(Attempt::new(self, None)) };
        let keys = self.keys(guess.subject, guess.client);
        let user = guess.user.map(|user| self.digest(user));
        let at = now.as_microsecond();
        let exempt = self.tables.lock().admit(&settings, keys, user, at)?;
        Ok(Attempt::new(self, Some(Open { keys, exempt, at, settings })))
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

    fn failed(&self, open: Open, now: Micros) {
        self.tables.lock().pairs.update(open.keys.pair, |pair| {
            pair.subject = open.keys.subject;
            open.settings.delay.fail(pair, now);
        });
    }

    fn withdrawn(&self, open: Open) {
        let mut tables = self.tables.lock();
        tables.give_back(self.settings().as_ref(), open);
        tables.settle(open.keys.pair, open.at, Pair::end);
    }

    fn succeeded(&self, open: Open, user: &User, client: ClientNetwork, now: Micros) {
        self.withdrawn(open);
        let pairs: Vec<u64> = names(user).map(|name| self.keys(Subject::login(&name), client).pair).collect();
        let mut tables = self.tables.lock();
        for key in pairs.into_iter().chain([open.keys.pair]) {
            tables.settle(key, now, Pair::reset);
        }
        tables.known.remember(self.digest(user.id), open.keys.client, now);
    }

    fn settings(&self) -> Option<LimitSettings> {
        self.settings.load().as_deref().copied()
    }

    fn keys(&self, subject: Subject<'_>, client: ClientNetwork) -> Keys {
        Keys {
            client: self.digest(client),
            subject: self.digest(subject),
            pair: self.digest((subject, client)),
        }
    }

    /// 64 bits under a key of this process: nobody can aim at another's record.
    fn digest(&self, value: impl Hash) -> u64 {
        self.digests.hash_one(value)
    }

    /// Counts somebody who is refused.
    pub(crate) fn count(&self, refused: Refused) -> TooMany {
        self.limited[refused.scope as usize].fetch_add(1, Ordering::Relaxed);
        refused.wait
    }
}

fn micros(duration: Duration) -> Micros {
    Micros::try_from(duration.as_micros()).unwrap_or(Micros::MAX)
}
