//! Keys from a URL, which follow their issuer's rotation.

use super::client::{AskFailed, Client};
use super::endpoint::Endpoint;
use super::wait::{block_on, later};
use crate::AuthError;
use crate::token::{Claims, KeySet, KeySetError, TokenRejected, TokenVerifier};
use futures_channel::oneshot;
use jiff::Timestamp;
use parking_lot::{Condvar, Mutex};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use thiserror::Error;

/// A verifier whose keys come from a JWKS URL.
///
/// A background thread fetches them at the start and regularly after that. A token with an unknown `kid` triggers a
/// fetch and waits for it, but never before the minimum interval has passed, whatever tokens arrive. While
/// the issuer cannot be reached, the last keys stay in use. When the issuer stops publishing a key, the key and all
/// its tokens are rejected here too.
#[derive(Debug)]
pub struct KeyFetcher(Arc<Shared>);

/// The settings of a [`KeyFetcher`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KeyFetcherSettings {
    /// The URL of the JWK Set.
    pub endpoint: Endpoint,
    /// The interval between fetches, and so the longest time that a revoked key is accepted here.
    pub refresh_every: Duration,
    /// The shortest time between the starts of two fetches, whatever triggers them.
    pub floor: Duration,
    /// The timeout of a fetch.
    pub timeout: Duration,
}

/// The minimum pause after a failed fetch, unless a token triggers one.
const LEAST_PAUSE: Duration = Duration::from_secs(1);

struct Shared {
    verifier: TokenVerifier,
    settings: KeyFetcherSettings,
    client: Client,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// A fetch was requested and has not begun.
    asked: bool,
    fetching: bool,
    began: Option<Instant>,
    /// Whether the last fetch succeeded. `None` before the first.
    well: Option<bool>,
    failures: u32,
    waiting: Vec<oneshot::Sender<()>>,
    stopped: bool,
}

/// Why a fetch failed, for the log.
#[derive(Debug, Error)]
enum FetchFailed {
    #[error(transparent)]
    Ask(#[from] AskFailed),
    #[error(transparent)]
    Set(#[from] KeySetError),
    /// Waiting requests get a response even then.
    #[error("a bug: the fetch panicked")]
    Panicked,
}

impl KeyFetcherSettings {
    /// Every five minutes, at most every ten seconds, with a timeout of five seconds.
    #[must_use]
    pub const fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            refresh_every: Duration::from_mins(5),
            floor: Duration::from_secs(10),
            timeout: Duration::from_secs(5),
        }
    }
}

impl KeyFetcher {
    /// The maximum number of requests that wait for a fetch. Further ones are rejected at once.
    pub const MAX_WAITING: usize = 10_000;

    /// Starts fetching without waiting for the result. Until the keys arrive, the verifier uses the ones that it has,
    /// such as those of a file.
    ///
    /// # Errors
    /// If the system cannot start a thread.
    pub fn start(verifier: TokenVerifier, settings: KeyFetcherSettings) -> io::Result<Self> {
        let client = Client::new(settings.endpoint.clone(), settings.timeout);
        let state = Mutex::new(State { asked: true, ..State::default() });
        let shared = Arc::new(Shared { verifier, settings, client, state, changed: Condvar::new() });
        let worker = Arc::clone(&shared);
        thread::Builder::new().name("roster-keys".to_owned()).spawn(move || worker.run())?;
        Ok(Self(shared))
    }

    /// The verifier with its current keys. Using it directly triggers no fetch.
    #[must_use]
    pub fn verifier(&self) -> &TokenVerifier {
        &self.0.verifier
    }

    /// Verifies a token. One with an unknown `kid` waits for a fetch, if the minimum interval has passed.
    ///
    /// # Errors
    /// [`AuthError::Rejected`]; [`AuthError::Unavailable`] if the key is unknown and the issuer cannot be reached.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<Arc<Claims>, AuthError> {
        let verdict = self.0.verifier.verify(token, now);
        if !self.is_foreign(&verdict, token) {
            return Ok(verdict?);
        }
        if let Some(fetched) = self.0.ask(token) {
            let _ = fetched.await;
        }
        let verdict = self.0.verifier.verify(token, now);
        if self.is_foreign(&verdict, token) && !self.is_current() {
            return Err(AuthError::Unavailable { retry_after: self.0.settings.floor });
        }
        Ok(verdict?)
    }

    /// Like [`Self::verify`], for a thread that may block.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub fn verify_blocking(&self, token: &str, now: Timestamp) -> Result<Arc<Claims>, AuthError> {
        block_on(self.verify(token, now))
    }

    /// Whether the last fetch succeeded, for a health check.
    #[must_use]
    pub fn is_current(&self) -> bool {
        self.0.state.lock().well == Some(true)
    }

    fn is_foreign(&self, verdict: &Result<Arc<Claims>, TokenRejected>, token: &str) -> bool {
        matches!(verdict, Err(TokenRejected::Key)) && self.0.verifier.lacks_key_of(token)
    }
}

impl Shared {
    /// Requests a fetch, or joins the one in flight. `None` if it is too early for another one, if a fetch that just
    /// ended brought the token's key, or if too many requests wait.
    fn ask(&self, token: &str) -> Option<oneshot::Receiver<()>> {
        let mut state = self.state.lock();
        let early = state.began.is_some_and(|began| began.elapsed() < self.settings.floor);
        let under_way = state.asked || state.fetching;
        let needless = !under_way && (early || !self.verifier.lacks_key_of(token));
        if needless || state.waiting.len() >= KeyFetcher::MAX_WAITING {
            return None;
        }
        if !under_way {
            state.asked = true;
            self.changed.notify_one();
        }
        let (sender, receiver) = oneshot::channel();
        state.waiting.push(sender);
        Some(receiver)
    }

    fn run(&self) {
        let mut due = Instant::now();
        while self.wait(due) {
            let outcome = catch_unwind(AssertUnwindSafe(|| self.fetch()));
            let outcome = outcome.unwrap_or(Err(FetchFailed::Panicked));
            due = later(self.finish(&outcome));
        }
    }

    /// Waits until a fetch is due or requested. False means that it is time to stop.
    fn wait(&self, due: Instant) -> bool {
        let mut state = self.state.lock();
        while !state.asked && !state.stopped && Instant::now() < due {
            self.changed.wait_until(&mut state, due);
        }
        state.asked = false;
        state.fetching = true;
        state.began = Some(Instant::now());
        !state.stopped
    }

    fn fetch(&self) -> Result<(), FetchFailed> {
        let keys = KeySet::from_jwks(&self.client.get()?)?;
        if keys.is_empty() {
            tracing::warn!(url = %self.client.endpoint(), "the issuer publishes no keys: no token is accepted");
        }
        self.verifier.replace_keys(keys);
        Ok(())
    }

    /// Wakes the waiting requests, and returns the time until the next fetch.
    fn finish(&self, outcome: &Result<(), FetchFailed>) -> Duration {
        let mut state = self.state.lock();
        state.fetching = false;
        state.well = Some(outcome.is_ok());
        for waiting in state.waiting.drain(..) {
            let _ = waiting.send(());
        }
        let Err(error) = outcome else {
            state.failures = 0;
            return self.settings.refresh_every;
        };
        tracing::warn!(url = %self.client.endpoint(), %error, "the issuer's keys could not be fetched");
        let pause = self.settings.floor.max(LEAST_PAUSE).saturating_mul(1 << state.failures.min(10));
        state.failures = state.failures.saturating_add(1);
        pause.min(self.settings.refresh_every)
    }
}

impl Drop for KeyFetcher {
    fn drop(&mut self) {
        self.0.state.lock().stopped = true;
        self.0.changed.notify_one();
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("settings", &self.settings).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
