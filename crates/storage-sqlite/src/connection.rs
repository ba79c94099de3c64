//! Connections to the database.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::found_rows::add_function;

/// How long a statement waits for another process that holds the database, such as the command line tool of SQLite.
pub(crate) const BUSY: Duration = Duration::from_secs(5);
/// Prepared statements that a connection keeps: more than there are, and than lists usually have forms.
const PREPARED: usize = 256;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Changes the database. There is one such connection.
    Write,
    /// Reads it.
    Read,
    /// Moves the log into the database file.
    Checkpoint,
}

/// Opens a connection that keeps this many KiB of the database in memory.
///
/// A closed connection leaves the log as it is, so that dropping a store is like killing it.
pub(crate) fn open(path: &Path, purpose: Purpose, cache_kib: u32) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // The plan of a statement depends on its text alone. Otherwise SQLite prepares many statements again for each new value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "cache_size", -i64::from(cache_kib))?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    match purpose {
        Purpose::Write => use_log(&connection)?,
        Purpose::Read => {
            add_function(&connection)?;
            connection.pragma_update(None, "query_only", true)?;
        }
        Purpose::Checkpoint => {}
    }
    Ok(connection)
}

/// Keeps changes in a log beside the database, so that readers need not wait for the writer.
fn use_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))
}

/// Lets the connection remove the log when it is closed, if it is the last one.
pub(crate) fn remove_log_at_the_end(connection: &Connection) {
    // If this fails, an empty log stays.
    let _ = connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false);
}

/// Moves the log into the database file and empties it.
pub(crate) fn truncate_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}
