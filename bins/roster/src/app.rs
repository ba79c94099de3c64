//! The wiring: which engine, which keys, which pool.

use std::num::NonZeroUsize;
use std::sync::Arc;

use anyhow::Context;
use roster_auth::password::{BcryptCost, HashObserver, HashPool, HashPoolSettings, PasswordPolicy};
use roster_auth::token::{
    IssuerSettings, KeySet, ProfileClaim, TokenIssuer, TokenType, TokenVerifier, VerifierSettings,
};
use roster_auth::{Entropy, SystemEntropy};
use roster_config::{Auth, Limits, RegistrationMode, Settings, StorageUrl, TokenClaim};
use roster_domain::SessionLifetime;
use roster_service::{
    Clock, Delay, Error, LimitSettings, Rate, Registration, Roster, RosterParts, SessionRules, SystemClock,
};
use roster_storage_json::{AuditRotation, CommitObserver, JsonStore, JsonStoreSettings};

use crate::keys::{self, KeySource, KeyWatch};

/// What the application is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Serving: tokens are signed with the key that is kept.
    Serving,
    /// A command that sets passwords, and issues no tokens.
    Hashing,
    /// A command that changes something else, and need not wait until the pool knows how long a hash takes.
    Changing,
    /// A command that changes nothing, in the data folder neither.
    Looking,
}

/// The application, opened, with the parts that are watched from outside.
pub(crate) struct App {
    /// The use cases.
    pub(crate) roster: Arc<Roster>,
    /// Where the users are.
    pub(crate) store: Arc<JsonStore>,
    /// Where passwords are hashed.
    pub(crate) hash_pool: Arc<HashPool>,
    /// What looks after the keys, if tokens are issued.
    pub(crate) key_watch: Option<KeyWatch>,
}

/// What hears how long things take.
#[derive(Clone)]
pub(crate) struct Observers {
    /// Commits, if anything does.
    pub(crate) commits: Option<Arc<dyn CommitObserver>>,
    /// Hash jobs.
    pub(crate) hashes: Arc<dyn HashObserver>,
}

impl Observers {
    /// Nothing.
    pub(crate) fn none() -> Self {
        Self { commits: None, hashes: Arc::new(()) }
    }
}

impl App {
    /// Opens the store and wires everything to it. Blocks.
    ///
    /// # Errors
    /// If the store cannot be opened (which names who holds it), or the keys or the threads cannot be had.
    pub(crate) fn open(settings: &Settings, purpose: Purpose, observers: Observers) -> anyhow::Result<Self> {
        let entropy = Arc::new(SystemEntropy);
        // First the store: its lock makes sure that one process at a time gets any further.
        let store = Arc::new(open_store(settings, purpose, &*entropy, observers.commits)?);
        let tokens = Tokens::open(settings, purpose, &*entropy)?;
        let pool = HashPool::new(pool_settings(settings, purpose)?, entropy.clone(), observers.hashes);
        let hash_pool = Arc::new(pool.context("cannot start the threads that hash passwords")?);
        let roster = Roster::new(RosterParts {
            store: store.clone(),
            hash_pool: hash_pool.clone(),
            password_policy: PasswordPolicy { min_length: settings.password.min_length },
            token_verifier: tokens.verifier,
            token_issuer: tokens.issuer,
            sessions: session_rules(settings)?,
            clock: Arc::new(SystemClock),
            entropy,
            registration: match settings.registration.mode {
                RegistrationMode::Open => Registration::Open,
                RegistrationMode::Closed => Registration::Closed,
            },
            limits: limits(&settings.limits),
            audit_window: settings.limits.audit_window,
        });
        Ok(Self { roster: Arc::new(roster), store, hash_pool, key_watch: tokens.watch })
    }

    /// Writes what waits for the audit log, ends the hashing, and closes the store with a snapshot.
    ///
    /// # Errors
    /// If the snapshot was not written. Nothing is lost by that: the journal has it.
    pub(crate) async fn close(&self) -> anyhow::Result<()> {
        self.roster.finish().await;
        let (store, hash_pool) = (Arc::clone(&self.store), Arc::clone(&self.hash_pool));
        let close = move || {
            hash_pool.shutdown();
            store.close()
        };
        // Not on this thread, which hears the signals.
        tokio::task::spawn_blocking(close).await.context("closing the store panicked")??;
        Ok(())
    }
}

/// What issues tokens and verifies them.
struct Tokens {
    issuer: TokenIssuer,
    verifier: TokenVerifier,
    watch: Option<KeyWatch>,
}

impl Tokens {
    fn open(settings: &Settings, purpose: Purpose, entropy: &dyn Entropy) -> anyhow::Result<Self> {
        let (key, accepted, watch) = match purpose {
            Purpose::Serving => {
                let source = Arc::new(KeySource::of(settings));
                let opened = source.open(entropy, SystemClock.now())?;
                let watch = KeyWatch::new(source, &opened);
                (opened.keys.signing, opened.keys.accepted, Some(watch))
            }
            Purpose::Hashing | Purpose::Changing | Purpose::Looking => {
                (keys::ephemeral_key(entropy)?, KeySet::default(), None)
            }
        };
        let (issuer, verifier) = token_settings(&settings.auth);
        Ok(Self {
            issuer: TokenIssuer::new(key, issuer),
            verifier: TokenVerifier::new(accepted, verifier),
            watch,
        })
    }
}

/// What tokens say, and what is asked of them.
fn token_settings(auth: &Auth) -> (IssuerSettings, VerifierSettings) {
    let mut issuer = IssuerSettings::new(&*auth.issuer, auth.audience.as_deref(), auth.access_token_ttl);
    issuer.token_type = match auth.token_type {
        roster_config::TokenType::AccessToken => TokenType::AccessToken,
        roster_config::TokenType::Jwt => TokenType::Jwt,
    };
    issuer.profile = auth.token_claims.iter().copied().map(profile_claim).collect();
    let mut verifier = VerifierSettings::without_audience(&*auth.issuer);
    verifier.audience.clone_from(&auth.audience);
    verifier.token_type = issuer.token_type;
    verifier.clock_skew = auth.leeway;
    (issuer, verifier)
}

const fn profile_claim(claim: TokenClaim) -> ProfileClaim {
    match claim {
        TokenClaim::Username => ProfileClaim::Username,
        TokenClaim::Email => ProfileClaim::Email,
        TokenClaim::EmailVerified => ProfileClaim::EmailVerified,
        TokenClaim::ExternalId => ProfileClaim::ExternalId,
        TokenClaim::DisplayName => ProfileClaim::DisplayName,
        TokenClaim::Role => ProfileClaim::Role,
    }
}

/// The limits in the words of the service; `None` if nothing is limited.
pub(crate) fn limits(limits: &Limits) -> Option<LimitSettings> {
    let rate = |rate: Option<roster_config::Rate>| rate.map(|rate| Rate { burst: rate.burst, per: rate.per });
    limits.enabled.then(|| LimitSettings {
        requests_by_ip: rate(limits.requests_by_ip),
        registrations_by_ip: rate(limits.registrations_by_ip),
        failures_by_ip: rate(limits.failures_by_ip),
        failures_by_login: rate(limits.failures_by_login),
        delay: Delay {
            free_failures: limits.free_failures,
            first: limits.first_delay,
            longest: limits.longest_delay,
            forget_after: limits.forget_after,
        },
        known_for: limits.known_for,
        capacity: limits.capacity,
    })
}

fn session_rules(settings: &Settings) -> anyhow::Result<SessionRules> {
    let session = &settings.session;
    let step_up_age = settings.auth.step_up_age;
    Ok(SessionRules {
        lifetime: SessionLifetime {
            idle: session.idle_timeout.try_into()?,
            absolute: session.lifetime.try_into()?,
        },
        max_per_user: session.max_per_user,
        refresh_grace: settings.auth.refresh_grace.try_into()?,
        step_up_age: (!step_up_age.is_zero()).then_some(step_up_age),
    })
}

/// The service's error, with everything that its caller may know.
pub(crate) fn describe_error(error: Error) -> anyhow::Error {
    match error {
        Error::Invalid(faults) => {
            let fault = |fault: &roster_service::FieldError| {
                format!("{}: {}", fault.pointer.trim_start_matches('/'), fault.message)
            };
            anyhow::Error::msg(faults.iter().map(fault).collect::<Vec<_>>().join("; "))
        }
        other => other.into(),
    }
}

fn open_store(
    settings: &Settings,
    purpose: Purpose,
    entropy: &dyn Entropy,
    observer: Option<Arc<dyn CommitObserver>>,
) -> anyhow::Result<JsonStore> {
    let store = JsonStoreSettings { observer, ..store_settings(settings, entropy) };
    Ok(match purpose {
        Purpose::Serving | Purpose::Hashing | Purpose::Changing => JsonStore::open(store)?,
        Purpose::Looking => JsonStore::open_to_read(&store)?,
    })
}

/// Where the store is, and what it may not find out by itself.
pub(crate) fn store_settings(settings: &Settings, entropy: &dyn Entropy) -> JsonStoreSettings {
    let StorageUrl::Json { path } = &settings.storage.url;
    let mut random = [0; 10];
    entropy.fill(&mut random);
    JsonStoreSettings {
        users_file: path.clone(),
        now: SystemClock.now(),
        random,
        rotation: Some(rotation(settings)),
        observer: None,
    }
}

fn rotation(settings: &Settings) -> AuditRotation {
    let audit = &settings.audit;
    let stamp = || {
        let mut random = [0; 10];
        SystemEntropy.fill(&mut random);
        (SystemClock.now(), random)
    };
    AuditRotation {
        max_bytes: audit.rotate_bytes,
        max_age: audit.rotate_age,
        keep: audit.keep,
        stamp: Arc::new(stamp),
    }
}

fn pool_settings(settings: &Settings, purpose: Purpose) -> anyhow::Result<HashPoolSettings> {
    let password = &settings.password;
    let mut pool = HashPoolSettings::default();
    pool.threads = password.hash_threads.unwrap_or(pool.threads);
    pool.queue_limit = password.queue_limit;
    pool.queue_limit_per_address = password.queue_limit.div_ceil(2);
    pool.cost = BcryptCost::new(password.bcrypt_cost).context("password.bcrypt_cost")?;
    match purpose {
        Purpose::Serving | Purpose::Hashing => {}
        Purpose::Changing | Purpose::Looking => {
            pool.threads = NonZeroUsize::MIN;
            pool.cost = BcryptCost::new(BcryptCost::MIN)?;
        }
    }
    Ok(pool)
}
