//! An application with an empty store and a clock that only tests advance.

use jiff::{SignedDuration, Timestamp};
use roster_auth::password::{BcryptCost, HashObserver, HashPool, HashPoolSettings, Password, PasswordPolicy};
use roster_auth::token::{
    IssuerSettings, RefreshToken, SigningKey, TokenIssuer, TokenVerifier, VerifierSettings,
};
use roster_auth::{Entropy, SystemEntropy};
use roster_domain::{EmailAddress, Origin, Principal, RoleSet, ServiceAccount, Session, User, Username};
use roster_service::{
    Call, Clock, Error, IssuedApiKey, LimitSettings, LoggedIn, Migration, NewUser, PrivilegedFields,
    Registration, Roster, RosterParts, SessionRules,
};
use roster_storage::{JobStore, Store};
use roster_storage_json::{JsonStore, JsonStoreSettings};
use std::future::poll_fn;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::{Arc, Mutex, RwLock};
use std::task::Poll;
use std::time::Duration;
use tempfile::TempDir;

pub(crate) const PASSWORD: &str = "a sentence nobody guesses";

pub(crate) struct App {
    pub(crate) roster: Arc<Roster>,
    pub(crate) store: Arc<JsonStore>,
    pub(crate) clock: Arc<FakeClock>,
    hash_gate: Arc<HashGate>,
    _folder: TempDir,
}

/// Holds back every hash job while a test holds the write lock.
#[derive(Default)]
struct HashGate(RwLock<()>);

impl HashObserver for HashGate {
    fn waited(&self, _: Duration) {
        drop(self.0.read());
    }
    fn ran(&self, _: Duration) {}
    fn rejected(&self) {}
}

pub(crate) struct FakeClock(Mutex<Timestamp>);

impl FakeClock {
    pub(crate) fn advance(&self, by: SignedDuration) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub(crate) fn app() -> App {
    app_with(Registration::Open)
}

pub(crate) fn app_with(registration: Registration) -> App {
    build(registration, None, None, None)
}

pub(crate) fn app_with_jobs(jobs: impl JobStore, max_import_records: usize) -> App {
    build(Registration::Open, None, None, Some((Arc::new(jobs), max_import_records)))
}

pub(crate) fn app_with_limits(limits: LimitSettings) -> App {
    build(Registration::Open, Some(limits), None, None)
}

pub(crate) fn app_with_migration(limits: Option<LimitSettings>, migration: Migration) -> App {
    build(Registration::Open, limits, Some(migration), None)
}

fn build(
    registration: Registration,
    limits: Option<LimitSettings>,
    migration: Option<Migration>,
    jobs: Option<(Arc<dyn JobStore>, usize)>,
) -> App {
    let (jobs, max_import_records) = jobs.unzip();
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(FakeClock(Mutex::new(Timestamp::from_second(1_800_000_000).unwrap())));
    let store = Arc::new(
        JsonStore::open(JsonStoreSettings {
            users_file: folder.path().join("users.json"),
            now: clock.now(),
            random: [0; 10],
            rotation: None,
            observer: None,
        })
        .unwrap(),
    );
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let mut settings = HashPoolSettings::default();
    settings.threads = NonZeroUsize::new(2).unwrap();
    settings.cost = BcryptCost::new(4).unwrap();
    let hash_gate = Arc::new(HashGate::default());
    let token_issuer = issuer();
    let verifying_key = token_issuer.key().verifying_key().clone();
    let roster = Arc::new(Roster::new(RosterParts {
        store: store.clone() as Arc<dyn Store>,
        hash_pool: Arc::new(HashPool::new(settings, entropy.clone(), hash_gate.clone()).unwrap()),
        password_policy: PasswordPolicy::default(),
        token_issuer,
        token_verifier: TokenVerifier::new(verifying_key, VerifierSettings::new("roster", "roster")),
        sessions: SessionRules::default(),
        clock: clock.clone(),
        entropy,
        registration,
        limits,
        shared_counts: None,
        jobs,
        max_import_records: max_import_records.unwrap_or(usize::MAX),
        migration,
        audit_window: Duration::from_mins(1),
    }));
    App { roster, store, clock, hash_gate, _folder: folder }
}

fn issuer() -> TokenIssuer {
    let key = SigningKey::from_secret(b"a secret of thirty-two bytes, or more").unwrap();
    let settings = IssuerSettings::new("roster", Some("roster"), IssuerSettings::DEFAULT_TTL);
    TokenIssuer::new(key, settings)
}

impl App {
    pub(crate) fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Uses the key until the use is recorded, and returns the account.
    pub(crate) async fn use_key(&self, issued: &IssuedApiKey) -> Arc<ServiceAccount> {
        let now = self.clock.now();
        for _ in 0..1_000_000 {
            self.roster.authenticate_key(issued.secret.as_str()).await.unwrap();
            let account = self.store.service_account(issued.account.id).await.unwrap().unwrap();
            let last = account.key(issued.key.id).unwrap().last_used_at;
            if last.is_some_and(|last| now.duration_since(last) < SignedDuration::from_mins(1)) {
                return account;
            }
            tokio::task::yield_now().await;
        }
        panic!("the use of the key was not recorded");
    }

    pub(crate) async fn user(&self, name: &str) -> Arc<User> {
        self.add(name, PrivilegedFields::default()).await
    }

    pub(crate) async fn admin(&self, name: &str) -> Arc<User> {
        let roles = Some(RoleSet::administrator());
        self.add(name, PrivilegedFields { roles, ..PrivilegedFields::default() }).await
    }

    async fn add(&self, name: &str, privileged: PrivilegedFields) -> Arc<User> {
        let new = NewUser { privileged, ..new_user(name) };
        self.roster.register_user(&Call::operator(), new).await.unwrap()
    }

    pub(crate) async fn log_in(&self, login: &str, password: &str) -> Result<String, Error> {
        let logged_in = self.roster.log_in(&anonymous(), login, secret(password)).await?;
        Ok(logged_in.token.as_str().to_owned())
    }

    /// Issues a correctly signed access token for the user and the session, whether or not they belong together.
    pub(crate) fn mint(&self, user: &User, session: &Session) -> String {
        issuer().issue(user, session, self.clock.now(), [1; 16]).unwrap().as_str().to_owned()
    }

    /// Logs in and returns the session with its tokens.
    pub(crate) async fn start_session(&self, login: &str) -> LoggedIn {
        self.roster.log_in(&anonymous(), login, secret(PASSWORD)).await.unwrap()
    }

    pub(crate) async fn refresh(&self, refresh_token: &RefreshToken) -> Result<LoggedIn, Error> {
        self.roster.refresh_session(&anonymous(), &refresh_token.text()).await
    }

    pub(crate) async fn authenticate(&self, token: &str) -> Result<Call, Error> {
        self.roster.authenticate(token, Origin::default()).await
    }

    /// Polls a use case until it waits for a password to be hashed.
    pub(crate) async fn run_until_hashing<T>(&self, mut use_case: Pin<&mut impl Future<Output = T>>) {
        let step = poll_fn(|context| {
            let _held = self.hash_gate.0.write();
            Poll::Ready(use_case.as_mut().poll(context))
        });
        assert!(step.await.is_pending(), "the use case ended without hashing");
    }

    /// The user as stored now.
    pub(crate) async fn reload(&self, user: &User) -> Option<Arc<User>> {
        self.store.user(user.id).await.unwrap()
    }
}

pub(crate) fn new_user(name: &str) -> NewUser {
    let email = Some(EmailAddress::new(format!("{name}@example.com")).unwrap());
    NewUser { email, ..NewUser::new(Username::new(name).unwrap(), secret(PASSWORD)) }
}

pub(crate) fn secret(text: &str) -> Password {
    Password::new(text.to_owned())
}

pub(crate) fn anonymous() -> Call {
    Call::anonymous(Origin::default())
}

pub(crate) fn by(user: &User) -> Call {
    Call { principal: Principal::user(user), ..anonymous() }
}
