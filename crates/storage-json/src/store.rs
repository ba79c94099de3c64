//! The store: reads use the published state, commits go through the writer thread.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use roster_domain::ImportedHashCounts;
use roster_storage::CommitObserver;

use crate::command::Command;
use crate::copy::refuse_incomplete;
use crate::data_folder::{lock_error, take_store};
use crate::disk::{Directory, Disk, LOCK_FILE, RealDirectory, RealDisk};
use crate::draft::Draft;
use crate::error::{CloseError, OpenError};
use crate::indexer::{Indexer, ListsAsked};
use crate::intake::Intake;
use crate::metrics::{Counters, JsonStoreMetrics};
use crate::opening::{Opening, folder_of};
use crate::projection::ProjectionError;
use crate::projector::{Projector, Shutdown, ShutdownMode};
use crate::recovery::{Opened, open, read_state};
use crate::restore::{clear_undecided, is_unfinished};
use crate::settings::JsonStoreSettings;
use crate::state::State;
use crate::writer::Writer;
use crate::writer_status::WriterStatus;

/// A store with all users in memory, every change in a journal, and users.json as a projection of it.
///
/// Dropping it ends its threads and leaves the journal as it is, so nothing is lost; [`JsonStore::close`] writes a
/// last snapshot first. Both release the lock of the data folder.
pub struct JsonStore {
    /// The state that readers see: everything that is durable, and nothing else.
    pub(crate) published: Arc<ArcSwap<State>>,
    /// Passes units to the writer thread.
    pub(crate) intake: Arc<Intake>,
    /// The folder of the audit files. It is not the disk, which holds the lock and ends with the threads.
    pub(crate) directory: Arc<dyn Directory>,
    counters: Arc<Counters>,
    pub(crate) writer_status: Arc<WriterStatus>,
    shutdown: Arc<Shutdown>,
    /// Tells the indexer thread that lists are in use.
    pub(crate) lists_asked: Arc<ListsAsked>,
    /// `None` once they are joined.
    threads: Mutex<Option<Threads>>,
}

struct Threads {
    writer: JoinHandle<()>,
    projector: JoinHandle<Result<(), ProjectionError>>,
    indexer: JoinHandle<()>,
}

impl JsonStore {
    /// Opens the store, or creates an empty one: locks the folder, reads the users file and then the journal. It
    /// blocks; 100,000 users take a second or two.
    ///
    /// # Errors
    /// [`OpenError`], each with its remedy.
    pub fn open(settings: JsonStoreSettings) -> Result<Self, OpenError> {
        let opening = Opening::of(&settings)?;
        let disk: Arc<dyn Disk> = Arc::new(take_store(&opening)?);
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
            drop(take_store(&opening)?);
        }
        refuse_incomplete(&opening)?;
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

    /// How many users have a hash of an import that should be replaced soon.
    #[must_use]
    pub fn imported_hashes(&self) -> ImportedHashCounts {
        self.published.load().imported_hashes()
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
            lists_asked: Arc::default(),
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
        let lists_asked = Arc::<ListsAsked>::default();
        let writer = Writer::new(committer, Arc::clone(&intake), Arc::clone(&writer_status), observer);
        let projector = Projector {
            projections,
            intake: Arc::clone(&intake),
            counters: Arc::clone(&counters),
            writer_status: Arc::clone(&writer_status),
            shutdown: Arc::clone(&shutdown),
        };
        let indexer = Indexer {
            published: Arc::clone(&published),
            intake: Arc::clone(&intake),
            shutdown: Arc::clone(&shutdown),
            lists_asked: Arc::clone(&lists_asked),
        };
        let named = |name: &str| thread::Builder::new().name(name.to_owned());
        let writer = named("roster-journal").spawn(move || writer.run())?;
        let projector = named("roster-snapshot").spawn(move || projector.run())?;
        let indexer = named("roster-index").spawn(move || indexer.run())?;
        let threads = Mutex::new(Some(Threads { writer, projector, indexer }));
        Ok(Self { published, intake, directory, counters, writer_status, shutdown, lists_asked, threads })
    }

    fn end(&self, mode: ShutdownMode) -> Result<(), ProjectionError> {
        let Some(threads) = self.threads.lock().take() else { return Ok(()) };
        self.shutdown.request(mode);
        // A thread that panicked has logged it; it leaves the files as a killed process does.
        let outcome = threads.projector.join().unwrap_or(Ok(()));
        // It may wait for the writer, so it ends before.
        let _ = threads.indexer.join();
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
