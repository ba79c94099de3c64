//! The store: reads use the published state, commits go through the writer thread.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use jiff::Timestamp;
use parking_lot::Mutex;
use roster_domain::{
    ApiKeyPrefix, AuditPage, AuditQuery, ExternalId, Login, Page, ServiceAccount, ServiceAccountId,
    ServiceAccountName, Session, SessionId, TokenDigest, User, UserId, UserQuery,
};
use roster_storage::{CommitError, CommitObserver, Snapshot, Store, StoreError, UnitOfWork, UserSession};
use tokio::sync::oneshot;

use crate::audit_log;
use crate::command::Command;
use crate::data_folder::{lock_error, take_folder};
use crate::disk::{Directory, Disk, LOCK_FILE, RealDirectory, RealDisk};
use crate::draft::{Draft, Prepared};
use crate::error::{CloseError, OpenError};
use crate::intake::{Closed, Intake};
use crate::metrics::{Counters, JsonStoreMetrics};
use crate::opening::{Opening, folder_of};
use crate::projection::ProjectionError;
use crate::projector::{Projector, Shutdown, ShutdownMode};
use crate::recovery::{Opened, open, read_state};
use crate::reply_batch::{PendingCommit, Reply};
use crate::restore::{clear_undecided, is_unfinished};
use crate::settings::JsonStoreSettings;
use crate::snapshot::JsonSnapshot;
use crate::state::State;
use crate::writer::Writer;
use crate::writer_status::WriterStatus;

/// A store with all users in memory, every change in a journal, and users.json as a projection of it.
///
/// Dropping it ends its threads and leaves the journal as it is, so nothing is lost; [`JsonStore::close`] writes a
/// last snapshot first. Both release the lock of the data folder.
pub struct JsonStore {
    /// The state that readers see: everything that is durable, and nothing else.
    published: Arc<ArcSwap<State>>,
    /// Passes units to the writer thread.
    intake: Arc<Intake>,
    /// The folder of the audit files. It is not the disk, which holds the lock and ends with the threads.
    directory: Arc<dyn Directory>,
    counters: Arc<Counters>,
    writer_status: Arc<WriterStatus>,
    shutdown: Arc<Shutdown>,
    /// `None` once they are joined.
    threads: Mutex<Option<Threads>>,
}

struct Threads {
    writer: JoinHandle<()>,
    projector: JoinHandle<Result<(), ProjectionError>>,
}

impl JsonStore {
    /// Opens the store, or creates an empty one: locks the folder, reads the users file and then the journal. It
    /// blocks; 100,000 users take a second or two.
    ///
    /// # Errors
    /// [`OpenError`], each with its remedy.
    pub fn open(settings: JsonStoreSettings) -> Result<Self, OpenError> {
        let opening = Opening::of(&settings)?;
        let disk: Arc<dyn Disk> = Arc::new(take_folder(&opening)?);
        let directory = Arc::new(RealDirectory(opening.folder.clone()));
        let opened = open(&disk, &opening)?;
        clear_undecided(&opening.folder)?;
        let opened = Opened { projections: opened.projections.with_rotation(settings.rotation), ..opened };
        Self::start(opened, directory, settings.observer).map_err(OpenError::Threads)
    }

    /// Whether a store was ever opened for writing at this path.
    #[must_use]
    pub fn is_there(users_file: &Path) -> bool {
        users_file.exists() || folder_of(users_file).join(LOCK_FILE).exists()
    }

    /// Opens the store to read it as it is. Nothing in the folder is created or changed, except that an interrupted
    /// restore is completed, and every commit is rejected. A missing store is an empty one. While it is being read,
    /// no other process can have it open for writing.
    ///
    /// # Errors
    /// [`OpenError`], each with its remedy.
    pub fn open_to_read(settings: &JsonStoreSettings) -> Result<Self, OpenError> {
        let opening = Opening::of(settings)?;
        if is_unfinished(&opening.folder) {
            drop(take_folder(&opening)?);
        }
        let disk = RealDisk::open_shared(&opening.folder).map_err(|error| lock_error(&opening, error))?;
        let state = disk.map_or_else(|| Ok(State::default()), |disk| read_state(&disk, &opening))?;
        Ok(Self::reading(state, opening.folder))
    }

    /// Writes a last snapshot, ends the threads and releases the folder. It blocks. Waiting commits get their replies
    /// first, and later ones are rejected. Reads still work. Closing twice has no further effect.
    ///
    /// # Errors
    /// [`CloseError`], if the snapshot failed; the changes are in the journal.
    pub fn close(&self) -> Result<(), CloseError> {
        self.end(ShutdownMode::Finish).map_err(|error| CloseError(Box::new(error)))
    }

    /// The counters since the store was opened.
    #[must_use]
    pub fn metrics(&self) -> JsonStoreMetrics {
        self.counters.read()
    }

    /// The current number of users.
    #[must_use]
    pub fn user_count(&self) -> usize {
        self.published.load().len()
    }

    /// The current number of sessions, including expired ones that were not removed yet.
    #[must_use]
    pub fn session_count(&self) -> usize {
        self.published.load().sessions().len()
    }

    /// A store that shows this state and rejects commits.
    pub(crate) fn reading(state: State, folder: PathBuf) -> Self {
        // There is no thread at the other end, as in a closed store.
        let intake = Intake::new(Draft::default());
        intake.close();
        Self {
            published: Arc::new(ArcSwap::from_pointee(state)),
            intake: Arc::new(intake),
            directory: Arc::new(RealDirectory(folder)),
            counters: Arc::default(),
            writer_status: Arc::new(WriterStatus::new(false)),
            shutdown: Arc::new(Shutdown::new()),
            threads: Mutex::new(None),
        }
    }

    pub(crate) fn start(
        opened: Opened,
        directory: Arc<dyn Directory>,
        observer: Option<Arc<dyn CommitObserver>>,
    ) -> std::io::Result<Self> {
        let Opened { committer, draft, projections, published, counters, last } = opened;
        let intake = Arc::new(Intake::new(draft));
        let writer_status = Arc::new(WriterStatus::new(last > projections.through()));
        let shutdown = Arc::new(Shutdown::new());
        let writer = Writer::new(committer, Arc::clone(&intake), Arc::clone(&writer_status), observer);
        let projector = Projector {
            projections,
            intake: Arc::clone(&intake),
            counters: Arc::clone(&counters),
            writer_status: Arc::clone(&writer_status),
            shutdown: Arc::clone(&shutdown),
        };
        let named = |name: &str| thread::Builder::new().name(name.to_owned());
        let writer = named("roster-journal").spawn(move || writer.run())?;
        let projector = named("roster-snapshot").spawn(move || projector.run())?;
        let threads = Mutex::new(Some(Threads { writer, projector }));
        Ok(Self { published, intake, directory, counters, writer_status, shutdown, threads })
    }

    fn end(&self, mode: ShutdownMode) -> Result<(), ProjectionError> {
        let Some(threads) = self.threads.lock().take() else { return Ok(()) };
        self.shutdown.request(mode);
        // A thread that panicked has logged it; it leaves the files as a killed process does.
        let outcome = threads.projector.join().unwrap_or(Ok(()));
        let _ = self.intake.command(Command::Stop);
        let _ = threads.writer.join();
        outcome
    }
}

impl Drop for JsonStore {
    fn drop(&mut self) {
        // Nothing is written any more, so nothing can fail.
        let _ = self.end(ShutdownMode::Abandon);
    }
}

impl fmt::Debug for JsonStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonStore").field("users", &self.user_count()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for JsonStore {
    async fn user(&self, id: UserId) -> Result<Option<Arc<User>>, StoreError> {
        Ok(self.published.load().user(id).cloned())
    }

    async fn users_by_id(&self, ids: &[UserId]) -> Result<Vec<Arc<User>>, StoreError> {
        let state = self.published.load();
        Ok(ids.iter().filter_map(|id| state.user(*id).cloned()).collect())
    }

    async fn user_by_login(&self, login: &Login) -> Result<Option<Arc<User>>, StoreError> {
        Ok(self.published.load().user_by_login(login).cloned())
    }

    async fn user_by_external_id(&self, id: &ExternalId) -> Result<Option<Arc<User>>, StoreError> {
        Ok(self.published.load().user_by_external_id(id).cloned())
    }

    async fn users(&self, query: &UserQuery) -> Result<Page<Arc<User>>, StoreError> {
        // A long list must not delay the next publication, so it gets its own copy of the state.
        let state = self.published.load_full();
        if !state.may_look_at_everyone(query) {
            return Ok(state.page(query));
        }
        let query = query.clone();
        let looking = tokio::task::spawn_blocking(move || state.page(&query));
        looking.await.map_err(|error| StoreError::Unavailable(Box::new(error)))
    }

    async fn has_active_admin(&self) -> Result<bool, StoreError> {
        Ok(self.published.load().has_active_admin())
    }

    async fn session(&self, id: SessionId) -> Result<Option<Arc<Session>>, StoreError> {
        Ok(self.published.load().sessions().get(id).cloned())
    }

    async fn user_session(&self, id: SessionId, user: UserId) -> Result<Option<UserSession>, StoreError> {
        Ok(self.published.load().user_session(id, user))
    }

    async fn session_by_family(&self, family: TokenDigest) -> Result<Option<Arc<Session>>, StoreError> {
        Ok(self.published.load().sessions().by_family(family).cloned())
    }

    async fn sessions(&self, user: UserId) -> Result<Vec<Arc<Session>>, StoreError> {
        Ok(self.published.load().sessions().of(user).cloned().collect())
    }

    async fn expired_sessions(&self, now: Timestamp, limit: usize) -> Result<Vec<SessionId>, StoreError> {
        Ok(self.published.load().sessions().expired(now).take(limit).collect())
    }

    async fn service_account(&self, id: ServiceAccountId) -> Result<Option<Arc<ServiceAccount>>, StoreError> {
        Ok(self.published.load().service_accounts().account(id).cloned())
    }

    async fn service_account_by_key_prefix(
        &self,
        prefix: &ApiKeyPrefix,
    ) -> Result<Option<Arc<ServiceAccount>>, StoreError> {
        Ok(self.published.load().service_accounts().by_key_prefix(prefix).cloned())
    }

    async fn service_accounts(
        &self,
        after: Option<&ServiceAccountName>,
        limit: usize,
    ) -> Result<Vec<Arc<ServiceAccount>>, StoreError> {
        Ok(self.published.load().service_accounts().after(after).take(limit).cloned().collect())
    }

    async fn audit_records(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        let tail = self.published.load().audit.clone();
        let (files, query) = (Arc::clone(&self.directory), query.clone());
        let reading = tokio::task::spawn_blocking(move || audit_log::page(&*files, &tail, &query));
        let page = reading.await.map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        page.map_err(|error| StoreError::Unavailable(Box::new(error)))
    }

    async fn commit(&self, work: UnitOfWork) -> Result<(), CommitError> {
        let asked = Instant::now();
        let unit = Prepared::new(work).map_err(|error| CommitError::Unavailable(Box::new(error)))?;
        let (pending_commit, reply) = PendingCommit::new(asked);
        // From here on the unit belongs to the writer: dropping this future has no effect.
        self.intake.add(unit, pending_commit).map_err(|closed| CommitError::Unavailable(Box::new(closed)))?;
        reply.await.map_or_else(|_| Err(CommitError::OutcomeUnknown(Box::new(Closed))), Reply::take)
    }

    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        let (state, files) = (self.published.load_full(), Arc::clone(&self.directory));
        let opening = tokio::task::spawn_blocking(move || JsonSnapshot::open(state, &*files));
        let opened = opening.await.map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        Ok(Box::new(opened.map_err(|error| StoreError::Unavailable(Box::new(error)))?))
    }

    /// No other process writes to the store.
    fn is_sweeper(&self) -> bool {
        true
    }

    async fn ready(&self) -> Result<(), StoreError> {
        if !self.writer_status.is_in_doubt() {
            return Ok(());
        }
        let unavailable = |closed| StoreError::Unavailable(Box::new(closed));
        let (sender, reply) = oneshot::channel();
        self.intake.command(Command::Probe(sender)).map_err(unavailable)?;
        let room = reply.await.map_err(|_| unavailable(Closed))?;
        room.map_err(|error| StoreError::Unavailable(Box::new(error)))
    }
}
