//! Creates a database from a snapshot, in an empty place or in place of another database.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use roster_storage::{Change, Restore, RestoreError, StoredItem};
use roster_storage_sql::{RestoreOrder, has_no_user, item_name, occurs_twice};
use rusqlite::Connection;

use crate::connection::{Purpose, open, truncate_log};
use crate::error::OpenError;
use crate::failure::Failure;
use crate::lock::{Lock, Place};
use crate::migrations::{MigrationError, migrate};
use crate::settings::SqliteStoreSettings;
use crate::tally::Tally;
use crate::{audit, changes, service_accounts, sessions, users};

/// The ending of the file in which the database is built.
const STAGING: &str = ".restoring";
const CACHE_KIB: u32 = 64 * 1024;

/// A database that is being restored, whose lock this holds until it is dropped.
///
/// It is built beside the present one and synced. One rename makes it the store: if the process is killed before, the
/// present one is unchanged. The present one stays in a folder `replaced-<time>`.
pub struct SqliteRestore {
    place: Place,
    /// Absent while it is working, and after a failure.
    building: Option<Building>,
    /// The folder for the present database.
    replaced: PathBuf,
    _lock: Lock,
}

struct Building {
    connection: Connection,
    order: RestoreOrder,
    tally: Tally,
}

impl SqliteRestore {
    /// Locks the database and begins to build another one beside it. It blocks.
    ///
    /// # Errors
    /// [`OpenError`], each with its remedy; [`OpenError::Held`] while another process has the store open.
    pub fn begin(settings: &SqliteStoreSettings) -> Result<Self, OpenError> {
        let place = Place::of(&settings.path)?;
        let lock = Lock::take(&place)?;
        let staging = Place { folder: place.folder.clone(), file: place.beside(STAGING) };
        let failed = |source| OpenError::Io { path: staging.file.clone(), source };
        remove(&staging.file).and_then(|()| staging.create()).map_err(failed)?;
        let building = Building::begin(&staging.file, settings);
        let building =
            building.map_err(|source| OpenError::Database { path: staging.file.clone(), source })?;
        let stamp = settings.now.strftime("replaced-%Y%m%dT%H%M%SZ").to_string();
        let replaced = free_name(&place.folder, &stamp);
        Ok(Self { place, building: Some(building), replaced, _lock: lock })
    }

    /// Whether there is no store in this place yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.place.file.exists()
    }

    /// The folder for the present database.
    #[must_use]
    pub fn replaced(&self) -> &Path {
        &self.replaced
    }

    fn switch(mut self) -> Result<(), RestoreError> {
        let building = self.building.take().ok_or_else(failed_before)?;
        building.finish()?;
        let staging = self.place.beside(STAGING);
        let outcome = File::open(&staging).and_then(|file| file.sync_all());
        let outcome = outcome.and_then(|()| self.keep_present()).and_then(|()| {
            fs::rename(&staging, &self.place.file)?;
            File::open(&self.place.folder)?.sync_all()
        });
        outcome.map_err(|error| RestoreError::Unavailable(Box::new(error)))
    }

    /// Gives the present database a second name, under which it stays. Its log must be empty, or it would be taken for
    /// that of the new one.
    fn keep_present(&self) -> io::Result<()> {
        if !self.place.file.exists() {
            return Ok(());
        }
        let present = open(&self.place.file, Purpose::Checkpoint, 0).map_err(io::Error::other)?;
        truncate_log(&present).map_err(io::Error::other)?;
        drop(present);
        remove(&self.place.beside("-wal"))?;
        remove(&self.place.beside("-shm"))?;
        fs::create_dir(&self.replaced)?;
        let name = self.place.file.file_name().ok_or(ErrorKind::InvalidInput)?;
        fs::hard_link(&self.place.file, self.replaced.join(name))?;
        File::open(&self.replaced)?.sync_all()
    }
}

impl Building {
    fn begin(path: &Path, settings: &SqliteStoreSettings) -> rusqlite::Result<Self> {
        let mut connection = open(path, Purpose::Checkpoint, CACHE_KIB)?;
        // If this process is killed, the file is worthless anyway.
        connection.pragma_update_and_check(None, "journal_mode", "off", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "off")?;
        migrate(&mut connection, settings.now).map_err(|error| match error {
            MigrationError::Sqlite(error) => error,
            // The file is new.
            MigrationError::Foreign | MigrationError::Newer(_) => rusqlite::Error::InvalidQuery,
        })?;
        connection.execute_batch("BEGIN")?;
        Ok(Self { connection, order: RestoreOrder::default(), tally: Tally::default() })
    }

    fn add(&mut self, item: &StoredItem) -> Result<(), RestoreError> {
        let connection = &self.connection;
        let (is_there, change) = match item {
            StoredItem::User(user) => (users::is_there(connection, user.id)?, Change::PutUser(user.clone())),
            StoredItem::ServiceAccount(account) => {
                let present = service_accounts::version(connection, account.id)?;
                (present.is_some(), Change::PutServiceAccount(account.clone()))
            }
            StoredItem::Session(session) => {
                if !users::is_there(connection, session.user)? {
                    return Err(has_no_user(item));
                }
                let present = sessions::expiry(connection, session.id)?.is_some()
                    || sessions::session_by_family(connection, session.refresh.family)?.is_some();
                (present, Change::PutSession(session.clone()))
            }
            StoredItem::Audit(position, record) => {
                self.order.accept(*position, record.id)?;
                // `accept` has refused greater numbers.
                let number = i64::try_from(position.get()).unwrap_or(i64::MAX);
                return Ok(audit::insert(connection, number, record)?);
            }
        };
        if is_there {
            return Err(occurs_twice(item));
        }
        let taken = changes::apply(connection, &change, &mut self.tally)?;
        taken.map_or(Ok(()), |taken| Err(RestoreError::Clash { item: item_name(item), taken }))
    }

    fn finish(self) -> Result<(), Failure> {
        self.connection.execute_batch("COMMIT; PRAGMA journal_mode = delete")?;
        self.connection.close().map_err(|(_, error)| error.into())
    }
}

#[async_trait]
impl Restore for SqliteRestore {
    async fn add(&mut self, items: Vec<StoredItem>) -> Result<(), RestoreError> {
        let mut building = self.building.take().ok_or_else(failed_before)?;
        let adding = tokio::task::spawn_blocking(move || {
            items.iter().try_for_each(|item| building.add(item)).map(|()| building)
        });
        let added = adding.await.map_err(|error| RestoreError::Unavailable(Box::new(error)))?;
        self.building = Some(added?);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<(), RestoreError> {
        let switching = tokio::task::spawn_blocking(move || self.switch());
        switching.await.map_err(|error| RestoreError::Unavailable(Box::new(error)))?
    }
}

impl Drop for SqliteRestore {
    fn drop(&mut self) {
        self.building = None;
        let _ = remove(&self.place.beside(STAGING));
    }
}

impl fmt::Debug for SqliteRestore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteRestore").field("path", &self.place.file).finish_non_exhaustive()
    }
}

fn failed_before() -> RestoreError {
    RestoreError::Order("an earlier piece failed".to_owned())
}

/// Removes a file, if it exists.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn free_name(folder: &Path, name: &str) -> PathBuf {
    let mut free = folder.join(name);
    let mut copy = 1;
    while free.exists() {
        copy += 1;
        free = folder.join(format!("{name}-{copy}"));
    }
    free
}
