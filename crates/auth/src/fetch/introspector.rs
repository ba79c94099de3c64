//! Asking the issuer whether a token is still active (RFC 7662).

use super::client::{AskFailed, Client};
use super::endpoint::Endpoint;
use super::wait::{block_on, later};
use crate::token::{TokenFingerprint, TokenFingerprinter, TokenVerifier};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::byte_serialize;
use futures_channel::oneshot;
use parking_lot::{Condvar, Mutex};
use quick_cache::sync::Cache;
use serde::Deserialize;
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{fmt, io, thread};
use thiserror::Error;
use ureq::http::{HeaderMap, HeaderValue, header};
use zeroize::Zeroizing;

/// Asks the issuer whether tokens are still active.
///
/// Responses are cached for a few seconds, so that a busy token costs one query in that time. That is also the
/// longest time that a revoked token is accepted here. Concurrent requests with the same token share one query.
/// Without a response, requests are rejected.
#[derive(Debug)]
pub struct Introspector(Arc<Shared>);

/// The settings of an [`Introspector`].
#[derive(Clone)]
#[non_exhaustive]
pub struct IntrospectorSettings {
    /// The introspection endpoint: `/oauth/introspect` at Roster.
    pub endpoint: Endpoint,
    /// How long a response is cached. With zero, every request queries the issuer.
    pub cache_for: Duration,
    /// The timeout of a query.
    pub timeout: Duration,
    /// The maximum number of concurrent queries.
    pub threads: usize,
    /// The number of cached responses.
    pub cache_capacity: usize,
    authorization: Zeroizing<String>,
}

/// The issuer did not respond.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the issuer does not say whether the token is active")]
pub struct IssuerUnavailable;

type Verdict = Result<bool, IssuerUnavailable>;

struct Shared {
    client: Client,
    headers: HeaderMap,
    cache_for: Duration,
    responses: Cache<TokenFingerprint, CachedResponse>,
    fingerprinter: TokenFingerprinter,
    state: Mutex<State>,
    asked: Condvar,
}

#[derive(Clone, Copy)]
struct CachedResponse {
    active: bool,
    until: Instant,
}

#[derive(Default)]
struct State {
    /// Tokens to ask about.
    queue: VecDeque<(TokenFingerprint, Zeroizing<String>)>,
    /// The requests that wait for a response, by token.
    waiting: HashMap<TokenFingerprint, Vec<oneshot::Sender<Verdict>>>,
    /// No queries are sent before this time, because the last one failed.
    pause: Option<Instant>,
    stopped: bool,
}

/// The part of the response that matters. The token's claims are known from the token.
#[derive(Deserialize)]
struct Introspection {
    active: bool,
}

/// Why there is no verdict, for the log.
#[derive(Debug, Error)]
enum QueryFailed {
    #[error(transparent)]
    Ask(#[from] AskFailed),
    #[error("the response is not an introspection response: {0}")]
    Response(#[from] serde_json::Error),
    /// Waiting requests get a response even then.
    #[error("a bug: the question panicked")]
    Panicked,
}

impl IntrospectorSettings {
    /// Authenticates with a bearer token: at Roster, an API key with `tokens:introspect`.
    #[must_use]
    pub fn bearer(endpoint: Endpoint, token: String) -> Self {
        let token = Zeroizing::new(token);
        Self::new(endpoint, Zeroizing::new(format!("Bearer {}", *token)))
    }

    /// Authenticates as an OAuth client with HTTP Basic (RFC 6749, section 2.3.1): at Roster, a service account with
    /// `tokens:introspect`.
    #[must_use]
    pub fn client(endpoint: Endpoint, id: &str, secret: String) -> Self {
        let secret = Zeroizing::new(secret);
        let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let pair = Zeroizing::new(format!("{}:{}", encode(id), *Zeroizing::new(encode(&secret))));
        let pair = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
        Self::new(endpoint, Zeroizing::new(format!("Basic {}", *pair)))
    }

    const fn new(endpoint: Endpoint, authorization: Zeroizing<String>) -> Self {
        Self {
            endpoint,
            cache_for: Duration::from_secs(5),
            timeout: Duration::from_secs(2),
            threads: 2,
            cache_capacity: 10_000,
            authorization,
        }
    }
}

impl Introspector {
    /// The maximum number of tokens that wait to be asked about.
    pub const MAX_WAITING: usize = 10_000;
    /// How long no queries are sent after one without a response. Requests are rejected at once during that time,
    /// rather than after the timeout.
    pub const PAUSE: Duration = Duration::from_secs(1);

    /// Starts the threads. No query is sent yet.
    ///
    /// # Errors
    /// If the system cannot start a thread, or the credential cannot be sent in a header.
    pub fn start(settings: IntrospectorSettings) -> io::Result<Self> {
        let mut authorization = HeaderValue::from_str(&settings.authorization).map_err(io::Error::other)?;
        authorization.set_sensitive(true);
        let shared = Arc::new(Shared {
            client: Client::new(settings.endpoint, settings.timeout),
            headers: HeaderMap::from_iter([(header::AUTHORIZATION, authorization)]),
            cache_for: settings.cache_for,
            responses: Cache::new(settings.cache_capacity),
            fingerprinter: TokenFingerprinter::new(),
            state: Mutex::default(),
            asked: Condvar::new(),
        });
        let introspector = Self(shared);
        for _ in 0..settings.threads.max(1) {
            let worker = Arc::clone(&introspector.0);
            thread::Builder::new().name("roster-ask".to_owned()).spawn(move || worker.run())?;
        }
        Ok(introspector)
    }

    /// Whether `token` is active according to the issuer. A token of more than [`TokenVerifier::MAX_BYTES`] is not, and the
    /// issuer is not asked.
    ///
    /// # Errors
    /// [`IssuerUnavailable`].
    pub async fn is_active(&self, token: &str) -> Result<bool, IssuerUnavailable> {
        if token.len() > TokenVerifier::MAX_BYTES {
            return Ok(false);
        }
        let fingerprint = self.0.fingerprinter.fingerprint(token);
        if let Some(cached) =
            self.0.responses.get(&fingerprint).filter(|cached| Instant::now() < cached.until)
        {
            return Ok(cached.active);
        }
        self.0.ask(fingerprint, token)?.await.unwrap_or(Err(IssuerUnavailable))
    }

    /// Like [`Self::is_active`], for a thread that may block.
    ///
    /// # Errors
    /// [`IssuerUnavailable`].
    pub fn is_active_blocking(&self, token: &str) -> Result<bool, IssuerUnavailable> {
        block_on(self.is_active(token))
    }
}

impl Shared {
    fn ask(
        &self,
        fingerprint: TokenFingerprint,
        token: &str,
    ) -> Result<oneshot::Receiver<Verdict>, IssuerUnavailable> {
        let mut state = self.state.lock();
        let paused = state.pause.is_some_and(|end| Instant::now() < end);
        if paused || state.queue.len() >= Introspector::MAX_WAITING {
            return Err(IssuerUnavailable);
        }
        let (sender, receiver) = oneshot::channel();
        let first = !state.waiting.contains_key(&fingerprint);
        state.waiting.entry(fingerprint).or_default().push(sender);
        if first {
            state.queue.push_back((fingerprint, Zeroizing::new(token.to_owned())));
            self.asked.notify_one();
        }
        Ok(receiver)
    }

    fn run(&self) {
        while let Some((fingerprint, token)) = self.next() {
            let outcome = catch_unwind(AssertUnwindSafe(|| self.question(&token)));
            match outcome.unwrap_or(Err(QueryFailed::Panicked)) {
                Ok(active) => self.complete(fingerprint, active),
                Err(error) => self.give_up(fingerprint, &error),
            }
        }
    }

    fn next(&self) -> Option<(TokenFingerprint, Zeroizing<String>)> {
        let mut state = self.state.lock();
        loop {
            if state.stopped {
                return None;
            }
            if let Some(job) = state.queue.pop_front() {
                return Some(job);
            }
            self.asked.wait(&mut state);
        }
    }

    fn question(&self, token: &str) -> Result<bool, QueryFailed> {
        let response = self.client.post(&self.headers, "token", token)?;
        Ok(serde_json::from_str::<Introspection>(&response)?.active)
    }

    fn complete(&self, fingerprint: TokenFingerprint, active: bool) {
        self.responses.insert(fingerprint, CachedResponse { active, until: later(self.cache_for) });
        let waiting = self.state.lock().waiting.remove(&fingerprint);
        tell(waiting.into_iter().flatten(), Ok(active));
    }

    /// The other queries in the queue would fail too.
    fn give_up(&self, fingerprint: TokenFingerprint, error: &QueryFailed) {
        tracing::warn!(url = %self.client.endpoint(), %error, "the issuer does not say whether a token is active");
        let mut state = self.state.lock();
        state.pause = Some(later(Introspector::PAUSE));
        let mut fingerprints: Vec<_> = state.queue.drain(..).map(|(fingerprint, _)| fingerprint).collect();
        fingerprints.push(fingerprint);
        let waiting: Vec<_> =
            fingerprints.iter().filter_map(|fingerprint| state.waiting.remove(fingerprint)).collect();
        drop(state);
        tell(waiting.into_iter().flatten(), Err(IssuerUnavailable));
    }
}

fn tell(waiting: impl Iterator<Item = oneshot::Sender<Verdict>>, verdict: Verdict) {
    for sender in waiting {
        let _ = sender.send(verdict);
    }
}

impl Drop for Introspector {
    fn drop(&mut self) {
        self.0.state.lock().stopped = true;
        self.0.asked.notify_all();
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("endpoint", self.client.endpoint()).finish_non_exhaustive()
    }
}

/// Shows the endpoint and hides the credential.
impl fmt::Debug for IntrospectorSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntrospectorSettings").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
