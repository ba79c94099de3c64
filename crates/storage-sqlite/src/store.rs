//! Starts and ends the threads of a store.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};

use parking_lot::Mutex;
use roster_domain::ImportedHashCounts;
use rusqlite::Connection;
use rusqlite::hooks::Wal;

use crate::checkpoint::Checkpointer;
use crate::connection::{Purpose, open, truncate_log};
use crate::error::{CloseError, OpenError};
use crate::lock::{DatabaseLocation, Lock};
use crate::log_pace::LogPace;
use crate::metrics::{Counters, SqliteStoreMetrics};
use crate::opening::{Opened, database_error, open_to_read, open_to_write};
use crate::queue::{Queue, Work};
use crate::reader::Reader;
use crate::readers::{End, Readers};
use crate::series::SeriesPace;
use crate::settings::SqliteStoreSettings;
use crate::tally::Totals;
use crate::writer::Writer;
use crate::writer_status::WriterStatus;

/// How many single rows a thread reads at once.
const ROWS_AT_ONCE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);
/// A list may take long, so others must not wait for it.
const LISTS_AT_ONCE: NonZeroUsize = NonZeroUsize::MIN;
const CHECKPOINT_CACHE_KIB: u32 = 64;

/// A store in a SQLite database.
///
/// Dropping it ends its threads and leaves the log as it is, so nothing is lost; [`SqliteStore::close`] moves the log into
/// the database first. Both release the lock.
pub struct SqliteStore {
    pub(crate) place: DatabaseLocation,
    /// Reads of single rows, which must not wait for lists.
    pub(crate) rows: Readers,
    /// Reads of lists and the audit log.
    pub(crate) lists: Readers,
    /// Passes units to the writer thread.
    pub(crate) writer: Sender<Work>,
    pub(crate) status: Arc<WriterStatus>,
    pub(crate) totals: Arc<Totals>,
    counters: Arc<Counters>,
    /// `None` once they were joined, and in a store that is only read.
    threads: Mutex<Option<Threads>>,
    /// How the readers end.
    end: Mutex<End>,
}

struct Threads {
    writer: JoinHandle<Connection>,
    checkpointer: Checkpointer,
    /// Released last.
    _lock: Option<Lock>,
}

fn start_checkpointer(place: &DatabaseLocation, counters: &Arc<Counters>) -> Result<Checkpointer, OpenError> {
    let opened = open(&place.file, Purpose::Checkpoint, CHECKPOINT_CACHE_KIB);
    let connection = opened.map_err(|error| database_error(place, error))?;
    Checkpointer::start(connection, Arc::clone(counters)).map_err(OpenError::Threads)
}

/// Connections that only read, each with its share of the cache.
fn connect_readers(
    place: &DatabaseLocation,
    count: NonZeroUsize,
    cache_kib: u32,
) -> rusqlite::Result<Vec<Reader>> {
    (0..count.get()).map(|_| Reader::new(open(&place.file, Purpose::Read, cache_kib)?)).collect()
}

impl SqliteStore {
    /// Opens the store, or creates an empty one: locks it and runs the migrations that it lacks. It blocks.
    ///
    /// # Errors
    /// [`OpenError`], each with its remedy.
    pub fn open(settings: SqliteStoreSettings) -> Result<Self, OpenError> {
        Self::start(open_to_write(&settings)?, settings)
    }

    /// Opens the store to read it. Every commit is refused. A missing store is an empty one. Another process may have it
    /// open for writing, and its commits show.
    ///
    /// # Errors
    /// [`OpenError`], each with its remedy.
    pub fn open_to_read(settings: &SqliteStoreSettings) -> Result<Self, OpenError> {
        let opened = open_to_read(settings)?;
        let totals = Arc::<Totals>::default();
        totals.add(opened.tally);
        let reader = Reader::new(opened.connection).map_err(|error| database_error(&opened.place, error))?;
        let rows = Readers::start("roster-read", settings.read_timeout, LISTS_AT_ONCE, vec![reader]);
        let rows = rows.map_err(OpenError::Threads)?;
        // Reading makes an empty log, which the last connection removes. One that was there stays.
        let end = if opened.has_log { End::Abandon } else { End::Finish };
        Ok(Self {
            place: opened.place,
            lists: rows.clone(),
            rows,
            // There is no thread at the other end, as in a closed store.
            writer: mpsc::channel().0,
            status: Arc::new(WriterStatus::new()),
            totals,
            counters: Arc::default(),
            threads: Mutex::new(None),
            end: Mutex::new(end),
        })
    }

    /// Whether there is a database.
    #[must_use]
    pub fn is_there(path: &Path) -> bool {
        path.exists()
    }

    /// Moves the log into the database, ends the threads that write and releases the lock. It blocks. Waiting commits
    /// are answered first, and later ones are refused. Reads still work. Closing twice has no further effect.
    ///
    /// # Errors
    /// [`CloseError`], if the log was not moved; the next start does it.
    pub fn close(&self) -> Result<(), CloseError> {
        let Some(threads) = self.threads.lock().take() else { return Ok(()) };
        let connection = self.join(threads.writer, threads.checkpointer);
        let moved = connection.map_or(Ok(()), |connection| truncate_log(&connection));
        if moved.is_ok() {
            *self.end.lock() = End::Finish;
        }
        moved.map_err(CloseError)
    }

    /// The counters since the store was opened.
    #[must_use]
    pub fn metrics(&self) -> SqliteStoreMetrics {
        self.counters.read()
    }

    /// The current number of users.
    #[must_use]
    pub fn user_count(&self) -> usize {
        self.totals.users()
    }

    /// The current number of sessions, including expired ones that were not removed yet.
    #[must_use]
    pub fn session_count(&self) -> usize {
        self.totals.sessions()
    }

    /// How many users have a hash of an import that should be replaced soon.
    #[must_use]
    pub fn imported_hashes(&self) -> ImportedHashCounts {
        self.totals.imported_hashes()
    }

    fn start(opened: Opened, settings: SqliteStoreSettings) -> Result<Self, OpenError> {
        let Opened { place, lock, mut connection, has_log: _, last_number, tally } = opened;
        let failed = |error| database_error(&place, error);
        let (status, totals) = (Arc::new(WriterStatus::new()), Arc::<Totals>::default());
        totals.add(tally);
        let counters = Arc::<Counters>::default();
        report_log(&mut connection, Arc::clone(&counters)).map_err(failed)?;
        let readers = |count| connect_readers(&place, count, settings.reader_cache_kib()).map_err(failed);
        let (rows, lists) = (readers(settings.readers)?, readers(settings.list_readers)?);
        let checkpointer = start_checkpointer(&place, &counters)?;
        let (writer, queue) = mpsc::channel();
        let work = Writer {
            series: VecDeque::new(),
            pace: SeriesPace::default(),
            connection,
            queue: Queue::new(queue),
            last_number,
            status: Arc::clone(&status),
            totals: Arc::clone(&totals),
            counters: Arc::clone(&counters),
            checkpoints: checkpointer.calls(),
            observer: settings.observer,
            replies: Vec::new(),
            log_pace: LogPace::default(),
        };
        let threads = Threads { writer: spawn(work).map_err(OpenError::Threads)?, checkpointer, _lock: lock };
        Ok(Self {
            rows: Readers::start("roster-read", settings.read_timeout, ROWS_AT_ONCE, rows)
                .map_err(OpenError::Threads)?,
            lists: Readers::start("roster-list", settings.read_timeout, LISTS_AT_ONCE, lists)
                .map_err(OpenError::Threads)?,
            place,
            writer,
            status,
            totals,
            counters,
            threads: Mutex::new(Some(threads)),
            end: Mutex::new(End::Abandon),
        })
    }

    /// Ends the threads that write. Returns the writer's connection, unless it panicked, which it has logged then.
    fn join(&self, writer: JoinHandle<Connection>, checkpointer: Checkpointer) -> Option<Connection> {
        let _ = self.writer.send(Work::Stop);
        let connection = writer.join().ok();
        checkpointer.end();
        connection
    }
}

/// Has SQLite report the size of the log after each commit.
fn report_log(connection: &mut Connection, counters: Arc<Counters>) -> rusqlite::Result<()> {
    connection.wal_hook(Some(move |_: &mut Wal, pages: i32| {
        let pages = u64::try_from(pages).unwrap_or(0);
        let before = counters.log_pages.replace(pages);
        if pages < before {
            counters.moved_pages.replace(0);
        }
        // A log that is shorter than before has been started anew.
        counters.pages_written.add(pages.checked_sub(before).unwrap_or(pages));
        Ok(())
    }))
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        if let Some(threads) = self.threads.lock().take() {
            self.join(threads.writer, threads.checkpointer);
        }
        let end = *self.end.lock();
        self.lists.end(end);
        self.rows.end(end);
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.place.file).finish_non_exhaustive()
    }
}

fn spawn(writer: Writer) -> io::Result<JoinHandle<Connection>> {
    thread::Builder::new().name("roster-writer".to_owned()).spawn(move || writer.run())
}
