//! A SQLite store with a cache whose clock the test moves.

use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use jiff::Timestamp;
use parking_lot::Mutex;
use roster_domain::{Action, Session, StatusKind, User};
use roster_storage::contract::sessions::{login, session};
use roster_storage::contract::{People, record};
use roster_storage::{Change, Guard, Invalidate, Store, StoreError, UnitOfWork};
use roster_storage_cache::{CacheMetrics, CacheSettings, CachedStore, MonotonicClock, ReadCache};
use roster_storage_sqlite::{SqliteStore, SqliteStoreSettings};
use tempfile::TempDir;
use tokio::runtime::Handle;

/// A store with its cache.
pub(crate) struct Setup {
    pub(crate) store: Arc<CachedStore<SqliteStore>>,
    clock: Arc<HandClock>,
    _folder: TempDir,
}

/// A clock that moves only when it is told to.
struct HandClock(Mutex<Instant>);

impl MonotonicClock for HandClock {
    fn now(&self) -> Instant {
        *self.0.lock()
    }
}

impl Setup {
    /// For how long entries are valid.
    pub(crate) const TTL: Duration = Duration::from_secs(5);

    /// A store that reads on one thread, in the order in which it is asked.
    pub(crate) fn new() -> Self {
        Self::with(Self::TTL, CacheSettings::default().bytes)
    }

    /// A store whose cache has these settings.
    pub(crate) fn with(ttl: Duration, bytes: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roster.db");
        let store = SqliteStoreSettings {
            readers: NonZeroUsize::MIN,
            ..SqliteStoreSettings::new(path, Timestamp::UNIX_EPOCH)
        };
        let clock = Arc::new(HandClock(Mutex::new(Instant::now())));
        let cache = Arc::new(ReadCache::new(CacheSettings { ttl, bytes, clock: clock.clone() }));
        let store = Arc::new(SqliteStore::open(store).unwrap());
        let store = Arc::new(CachedStore::new(store, cache, None, Handle::current()));
        Self { store, clock, _folder: folder }
    }

    /// Moves the clock.
    pub(crate) fn pass(&self, time: Duration) {
        *self.clock.0.lock() += time;
    }

    /// What the cache has done.
    pub(crate) fn metrics(&self) -> CacheMetrics {
        self.store.cache().metrics()
    }

    /// Stores a user.
    pub(crate) async fn user(&self, number: u32) -> Arc<User> {
        let user = Arc::new(People.nth(number));
        let work = UnitOfWork::audited(record(Action::UserCreated, user.id));
        self.store.commit(work.write(Change::PutUser(user.clone()))).await.unwrap();
        user
    }

    /// Stores a session of a user.
    pub(crate) async fn session(&self, user: &User, number: u8) -> Session {
        let session = session(user, number);
        self.store.commit(login(&session)).await.unwrap();
        session
    }

    /// The user as the store shows them, past the cache or through it.
    pub(crate) async fn read(&self, user: &User) -> Arc<User> {
        self.store.user(user.id).await.unwrap().unwrap()
    }

    /// Whether a request with this session is authenticated.
    pub(crate) async fn is_logged_in(&self, session: &Session) -> bool {
        let found = self.store.user_session(session.id, session.user).await.unwrap();
        found.is_some_and(|(_, user)| user.is_active())
    }
}

/// A read that has begun and is not complete.
pub(crate) type Reading<'s, T> = Pin<Box<dyn Future<Output = Result<Option<T>, StoreError>> + Send + 's>>;

impl Setup {
    /// Begins a read, and returns once the store has answered it, before the cache has seen the answer.
    pub(crate) async fn begin<'s, T>(&'s self, read: impl Fn() -> Reading<'s, T>) -> Reading<'s, T> {
        for _ in 0..1000 {
            let mut reading = read();
            if reading.as_mut().now_or_never().is_none() {
                // It reads on one thread, in the order in which it is asked.
                self.store.store().has_active_admin().await.unwrap();
                return reading;
            }
            // The answer came during the first poll already.
            self.store.cache().invalidate_all();
        }
        panic!("every read was answered during its first poll");
    }
}

/// The next version of a user.
pub(crate) fn next(user: &User) -> User {
    user.clone().touched(user.updated_at)
}

/// The unit that replaces `before` with `after`.
pub(crate) fn update(before: &User, after: User) -> UnitOfWork {
    UnitOfWork::audited(record(Action::UserUpdated, before.id))
        .require(Guard::UserVersion(before.id, before.version))
        .write(Change::PutUser(Arc::new(after)))
}

/// The unit that disables a user.
pub(crate) fn disable(user: &User) -> UnitOfWork {
    update(user, next(user).with_status(StatusKind::Disabled, user.created_at))
}
