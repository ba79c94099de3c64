//! The settings of a store.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use roster_storage::CommitObserver;

/// The location of the store, and what it must not determine itself.
#[derive(Clone)]
pub struct SqliteStoreSettings {
    /// The database, such as `data/roster.db`. Its folder is created if it is missing.
    pub path: PathBuf,
    /// The time of opening, for the record of migrations.
    pub now: Timestamp,
    /// The threads that read single users, sessions and service accounts.
    pub readers: NonZeroUsize,
    /// The threads that read lists and the audit log.
    pub list_readers: NonZeroUsize,
    /// How long a read may take, with its wait for a thread.
    pub read_timeout: Duration,
    /// How much of the database the writer keeps in memory, in KiB. Each reader keeps a quarter of it.
    pub cache_kib: u32,
    /// Observes commits, if needed.
    pub observer: Option<Arc<dyn CommitObserver>>,
}

impl SqliteStoreSettings {
    /// A store at this place with the default numbers: two threads for single rows, two for lists, 10 s a read, 32 MiB.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, now: Timestamp) -> Self {
        const TWO: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);
        Self {
            path: path.into(),
            now,
            readers: TWO,
            list_readers: TWO,
            read_timeout: Duration::from_secs(10),
            cache_kib: 32 * 1024,
            observer: None,
        }
    }
}

impl fmt::Debug for SqliteStoreSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStoreSettings").field("path", &self.path).finish_non_exhaustive()
    }
}
