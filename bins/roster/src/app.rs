//! Wires the store, the keys and the hash pool to the use cases.

use std::num::NonZeroUsize;
use std::sync::Arc;

use anyhow::Context;
use roster_auth::password::{
    BcryptCost, HashObserver, HashPool, HashPoolSettings, PasswordPolicy, Pepper, PepperScheme, Peppers,
};
use roster_auth::token::{
    IssuerSettings, KeySet, ProfileClaim, TokenIssuer, TokenType, TokenVerifier, VerifierSettings,
};
use roster_auth::{Entropy, SystemEntropy};
use roster_config::{Auth, Limits, Migration, RegistrationMode, Secret, Settings, SharedLimits, TokenClaim};
use roster_domain::SessionLifetime;
use roster_service::{
    Clock, Delay, Error, LimitSettings, Rate, Registration, Roster, RosterParts, SessionRules, SystemClock,
};
use roster_storage::CommitObserver;

use crate::engine::{OpenMode, OpenStore, engine};
use crate::keys::{self, KeySource, KeyWatch, RingPlace};
use crate::old_system;

/// Why the application is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To serve requests: tokens are signed with the stored key.
    Serving,
    /// For a command that sets passwords. It issues no tokens.
    Hashing,
    /// For a command that writes but does not hash, so that the pool does not have to measure how long a hash takes.
    Writing,
    /// For a command that does not write to the data folder at all.
    Reading,
}

/// The opened application, and its parts that metrics and health checks observe.
pub(crate) struct App {
    /// The use cases.
    pub(crate) roster: Arc<Roster>,
    /// The store.
    pub(crate) store: Arc<dyn OpenStore>,
    /// Hashes passwords.
    pub(crate) hash_pool: Arc<HashPool>,
    /// Watches the signing keys; only for [`Purpose::Serving`].
    pub(crate) key_watch: Option<KeyWatch>,
}

/// Receives the durations of commits and hash jobs.
#[derive(Clone)]
pub(crate) struct Observers {
    /// Receives the durations of commits.
    pub(crate) commits: Option<Arc<dyn CommitObserver>>,
    /// Receives the durations of hash jobs.
    pub(crate) hashes: Arc<dyn HashObserver>,
}

impl Observers {
    /// Ignores all durations.
    pub(crate) fn none() -> Self {
        Self { commits: None, hashes: Arc::new(()) }
    }
}

impl App {
    /// Opens the store and wires the other parts to it. Blocks.
    ///
    /// # Errors
    /// If the store cannot be opened (the error names the process that holds its lock), a key cannot be read, or a thread
    /// cannot be started.
    pub(crate) fn open(settings: &Settings, purpose: Purpose, observers: Observers) -> anyhow::Result<Self> {
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let engine = engine(settings);
        if purpose == Purpose::Serving {
            // A server that will not start must not migrate the database.
            RingPlace::of(&*engine, settings).check_settings()?;
        }
        // Open the store before anything else: its lock lets only one process at a time continue.
        let store = engine.open(open_mode(purpose), observers.commits)?;
        let tokens = Tokens::open(settings, purpose, &*entropy)?;
        let hash_pool = Arc::new(open_hash_pool(settings, purpose, entropy.clone(), observers.hashes)?);
        let migration = (purpose == Purpose::Serving)
            .then(|| old_system::migration(&settings.migration, clock.clone(), entropy.clone()));
        let jobs = (purpose == Purpose::Serving).then(|| store.jobs(&settings.data.dir.join("jobs")));
        let roster = Roster::new(RosterParts {
            store: store.clone(),
            hash_pool: hash_pool.clone(),
            password_policy: PasswordPolicy { min_length: settings.password.min_length },
            token_verifier: tokens.verifier,
            token_issuer: tokens.issuer,
            sessions: session_rules(settings)?,
            clock,
            entropy,
            registration: match settings.registration.mode {
                RegistrationMode::Open => Registration::Open,
                RegistrationMode::Closed => Registration::Closed,
            },
            limits: limits(&settings.limits),
            shared_counts: match settings.limits.shared {
                SharedLimits::Database => store.shared_counts(),
                SharedLimits::Memory => None,
            },
            max_import_records: settings.import.max_records,
            jobs: jobs.transpose().context("cannot use the folder of the jobs")?,
            migration: migration.transpose()?.flatten(),
            audit_window: settings.limits.audit_window,
        });
        Ok(Self { roster: Arc::new(roster), store, hash_pool, key_watch: tokens.watch })
    }

    /// Writes pending audit records, stops the hash pool, and closes the store with a snapshot.
    ///
    /// # Errors
    /// If the snapshot was not written. No data is lost, because the journal contains it.
    pub(crate) async fn close(&self) -> anyhow::Result<()> {
        self.roster.finish().await;
        let (store, hash_pool) = (Arc::clone(&self.store), Arc::clone(&self.hash_pool));
        let close = move || {
            hash_pool.shutdown();
            store.close()
        };
        // Closing blocks, and this thread must keep receiving signals.
        tokio::task::spawn_blocking(close).await.context("closing the store panicked")??;
        Ok(())
    }
}

/// Issues and verifies tokens.
struct Tokens {
    issuer: TokenIssuer,
    verifier: TokenVerifier,
    watch: Option<KeyWatch>,
}

impl Tokens {
    fn open(settings: &Settings, purpose: Purpose, entropy: &dyn Entropy) -> anyhow::Result<Self> {
        let (key, accepted, watch) = match purpose {
            Purpose::Serving => {
                let source = Arc::new(KeySource::of(&*engine(settings), settings));
                let opened = source.open(entropy, SystemClock.now())?;
                let watch = KeyWatch::new(source, &opened);
                (opened.keys.signing, opened.keys.accepted, Some(watch))
            }
            Purpose::Hashing | Purpose::Writing | Purpose::Reading => {
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

/// The settings for issuing and for verifying tokens.
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

/// Converts the rate limits for the service; `None` if they are disabled.
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

/// Converts a service error to one that lists every invalid field.
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

const fn open_mode(purpose: Purpose) -> OpenMode {
    match purpose {
        Purpose::Serving | Purpose::Hashing | Purpose::Writing => OpenMode::ReadWrite,
        Purpose::Reading => OpenMode::ReadOnly,
    }
}

fn peppers(migration: &Migration) -> Peppers {
    let pepper = |scheme, secret: &Option<Secret>| Some(Pepper::new(scheme, secret.as_ref()?.expose()));
    let devise = pepper(PepperScheme::Devise, &migration.devise_pepper);
    Peppers::new(
        devise.into_iter().chain(pepper(PepperScheme::FlaskSecurity, &migration.flask_security_salt)),
    )
}

fn open_hash_pool(
    settings: &Settings,
    purpose: Purpose,
    entropy: Arc<dyn Entropy>,
    observer: Arc<dyn HashObserver>,
) -> anyhow::Result<HashPool> {
    let pool = pool_settings(settings, purpose)?;
    HashPool::with_peppers(pool, entropy, observer, peppers(&settings.migration))
        .context("cannot start the threads that hash passwords")
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
        Purpose::Writing | Purpose::Reading => {
            pool.threads = NonZeroUsize::MIN;
            pool.cost = BcryptCost::new(BcryptCost::MIN)?;
        }
    }
    Ok(pool)
}
