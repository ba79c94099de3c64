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
    /// How much of the database all connections together keep in memory, in bytes. The writer keeps four times as much as a
    /// reader.
    pub cache_bytes: u64,
    /// Observes commits, if needed.
    pub observer: Option<Arc<dyn CommitObserver>>,
}

impl SqliteStoreSettings {
    /// A store at this place with the default numbers: two threads for single rows, two for lists, 10 s a read, 64 MiB.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, now: Timestamp) -> Self {
        const TWO: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);
        Self {
            path: path.into(),
            now,
            readers: TWO,
            list_readers: TWO,
            read_timeout: Duration::from_secs(10),
            cache_bytes: 64 << 20,
            observer: None,
        }
    }
}

/// How much of what a reader keeps in memory the writer keeps.
const WRITER_SHARE: u64 = 4;

impl SqliteStoreSettings {
    /// How much of the database a reader keeps in memory, in KiB.
    pub(crate) fn reader_cache_kib(&self) -> u32 {
        let readers = self.readers.get().saturating_add(self.list_readers.get()) as u64;
        let share = self.cache_bytes / 1024 / readers.saturating_add(WRITER_SHARE);
        // SQLite takes a number of 31 bits.
        u32::try_from(share).unwrap_or(u32::MAX).min(i32::MAX.cast_unsigned() / 4)
    }

    /// How much of the database the writer keeps in memory, in KiB.
    pub(crate) fn writer_cache_kib(&self) -> u32 {
        self.reader_cache_kib() * 4
    }
}

impl fmt::Debug for SqliteStoreSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStoreSettings").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(cache_bytes: u64) -> (u32, u32) {
        let settings = SqliteStoreSettings::new("roster.db", Timestamp::UNIX_EPOCH);
        let settings = SqliteStoreSettings { cache_bytes, ..settings };
        (settings.writer_cache_kib(), settings.reader_cache_kib())
    }

    #[test]
    fn one_half_of_the_cache_is_for_the_writer_and_the_rest_for_the_four_readers() {
        assert_eq!(shares(64 << 20), (32 * 1024, 8 * 1024));
        assert_eq!(shares(1 << 30), (512 * 1024, 128 * 1024));
        let (most, _) = shares(u64::MAX);
        assert!(i32::try_from(most).is_ok(), "SQLite takes a number of 31 bits");
    }
}
