//! Opens the database, before any thread starts.

use std::path::Path;

use jiff::Timestamp;
use roster_storage_sql::{Migration, Sql, statements};
use rusqlite::ffi::SQLITE_IOERR_SHMSIZE;
use rusqlite::{Connection, ErrorCode};

use crate::audit;
use crate::connection::{Purpose, open};
use crate::copy::refuse_incomplete;
use crate::error::OpenError;
use crate::lock::{DatabaseLocation, Lock};
use crate::migrations::{MigrationError, lacking, migrate};
use crate::restore::settle;
use crate::settings::SqliteStoreSettings;
use crate::tally::Tally;

statements! {
    COUNT_USERS = "SELECT count(*) FROM users";
    COUNT_SESSIONS = "SELECT count(*) FROM sessions";
    // The conditions of the indexes. With others, SQLite could not use them and would reject the statement.
    COUNT_WEAK_HASHES = "SELECT count(*) FROM users INDEXED BY users_by_weak_hash WHERE (
        password_hash LIKE '{sha%' OR password_hash LIKE '{ssha%' OR password_hash LIKE '{smd5%'
        OR password_hash LIKE '{md5}%' OR password_hash LIKE '{md5.%' OR password_hash LIKE '{ldap-md5%'
        OR password_hash LIKE '{plain-md5%' OR password_hash LIKE 'md5$%' OR password_hash LIKE 'sha1$%'
        OR password_hash LIKE 'sha224$%' OR password_hash LIKE 'sha256$%' OR password_hash LIKE 'sha384$%'
        OR password_hash LIKE 'sha512$%' OR password_hash LIKE '$salted$%'
    ) AND password_hash NOT LIKE '{%-crypt}%'";
    COUNT_PEPPERED_HASHES = "SELECT count(*) FROM users INDEXED BY users_by_peppered_hash
        WHERE password_hash GLOB '$pepper$*'";
}

/// A database that is ready for the threads.
pub(crate) struct Opened {
    pub(crate) place: DatabaseLocation,
    /// `None` for a reader, which needs no lock.
    pub(crate) lock: Option<Lock>,
    /// The connection of the writer, or of a store that is only read.
    pub(crate) connection: Connection,
    /// Whether there was a log beside a database that is only read.
    pub(crate) has_log: bool,
    /// The number of the last audit record.
    pub(crate) last_number: i64,
    /// What there is.
    pub(crate) tally: Tally,
}

/// Locks the database, creates it if it is missing, and runs the migrations that it lacks.
pub(crate) fn open_to_write(settings: &SqliteStoreSettings) -> Result<Opened, OpenError> {
    let Migrated { place, lock, connection, .. } = migrated(settings)?;
    finish(place, Some(lock), connection)
}

/// A database that is up to date.
pub(crate) struct Migrated {
    place: DatabaseLocation,
    lock: Lock,
    pub(crate) connection: Connection,
    /// The migrations that it lacked.
    pub(crate) made: &'static [Migration],
}

/// Locks the database, creates it if it is missing, and runs the migrations that it lacks.
pub(crate) fn migrated(settings: &SqliteStoreSettings) -> Result<Migrated, OpenError> {
    let place = DatabaseLocation::of(&settings.path)?;
    let lock = Lock::take(&place)?;
    settle(&place).map_err(|source| OpenError::Io { path: place.folder.clone(), source })?;
    place.refuse_second_name()?;
    refuse_incomplete(&place)?;
    place.create().map_err(|source| OpenError::Io { path: place.file.clone(), source })?;
    refuse_other_files(&place.file)?;
    let failed = |error| database_error(&place, error);
    // A database of another program, or of a newer Roster, must not be touched.
    let reading = open(&place.file, Purpose::Read, settings.reader_cache_kib()).map_err(failed)?;
    lacking(&reading).map_err(|error| migration_error(&place, error))?;
    drop(reading);
    let mut connection = open(&place.file, Purpose::Write, settings.writer_cache_kib()).map_err(failed)?;
    let made = migrate(&mut connection, settings.now).map_err(|error| migration_error(&place, error))?;
    Ok(Migrated { place, lock, connection, made })
}

/// Opens the database to read it, while another process may write. A missing one is empty.
pub(crate) fn open_to_read(settings: &SqliteStoreSettings) -> Result<Opened, OpenError> {
    let place = DatabaseLocation::of(&settings.path)?;
    let failed = |error| database_error(&place, error);
    refuse_incomplete(&place)?;
    if !place.file.exists() {
        return open_empty(place, settings.now);
    }
    refuse_other_files(&place.file)?;
    let has_log = place.has_log();
    let connection = open(&place.file, Purpose::Read, settings.writer_cache_kib()).map_err(failed)?;
    let lacking = lacking(&connection).map_err(|error| migration_error(&place, error))?;
    if !lacking.is_empty() {
        return Err(OpenError::NotMigrated { path: place.file });
    }
    Ok(Opened { has_log, ..finish(place, None, connection)? })
}

/// An empty store in memory, for a file that does not exist.
fn open_empty(place: DatabaseLocation, now: Timestamp) -> Result<Opened, OpenError> {
    let mut connection = Connection::open_in_memory().map_err(|error| database_error(&place, error))?;
    migrate(&mut connection, now).map_err(|error| migration_error(&place, error))?;
    finish(place, None, connection)
}

fn finish(place: DatabaseLocation, lock: Option<Lock>, connection: Connection) -> Result<Opened, OpenError> {
    let failed = |error| database_error(&place, error);
    let count = |sql: &Sql| connection.query_row(sql.text(), [], |row| row.get::<_, i64>(0)).map_err(failed);
    let tally = Tally {
        users: count(&COUNT_USERS)?,
        sessions: count(&COUNT_SESSIONS)?,
        weak_hashes: count(&COUNT_WEAK_HASHES)?,
        peppered_hashes: count(&COUNT_PEPPERED_HASHES)?,
    };
    let last_number = audit::last_number(&connection).map_err(failed)?;
    Ok(Opened { place, lock, connection, has_log: false, last_number, tally })
}

/// SQLite would take an empty file, and calls a folder or a device damaged.
pub(crate) fn refuse_other_files(path: &Path) -> Result<(), OpenError> {
    let found = std::fs::metadata(path).map_err(|source| OpenError::Io { path: path.to_owned(), source })?;
    if found.is_file() { Ok(()) } else { Err(OpenError::Foreign { path: path.to_owned() }) }
}

/// What a failure of the schema means.
pub(crate) fn migration_error(place: &DatabaseLocation, error: MigrationError) -> OpenError {
    let path = place.file.clone();
    match error {
        MigrationError::Foreign => OpenError::Foreign { path },
        MigrationError::Newer(source) => OpenError::Newer { path, source },
        MigrationError::Sqlite(error) => database_error(place, error),
    }
}

/// What a failure of SQLite while it opens a database means.
pub(crate) fn database_error(place: &DatabaseLocation, source: rusqlite::Error) -> OpenError {
    let path = place.file.clone();
    match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::Foreign { path },
        Some(ErrorCode::DiskFull) => OpenError::DiskFull { path, source },
        // The memory that connections share is a file too.
        _ if extended_code(&source) == Some(SQLITE_IOERR_SHMSIZE) => OpenError::DiskFull { path, source },
        _ => OpenError::Database { path, source },
    }
}

fn extended_code(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|error| error.extended_code)
}
