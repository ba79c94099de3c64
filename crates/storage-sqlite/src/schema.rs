//! The schema of a database that is not open.

use roster_storage_sql::{Migration, SchemaStatus};
use rusqlite::Connection;

use crate::connection::{Purpose, open, remove_log_at_the_end, truncate_log};
use crate::copy::refuse_incomplete;
use crate::error::OpenError;
use crate::lock::DatabaseLocation;
use crate::migrations::status;
use crate::opening::{database_error, migrated, migration_error, refuse_other_files};
use crate::settings::SqliteStoreSettings;

/// The schema of the database. Changes nothing, and works while another process has it open. A missing database lacks
/// every migration.
///
/// # Errors
/// [`OpenError`] if it cannot be read.
pub fn schema_status(settings: &SqliteStoreSettings) -> Result<SchemaStatus, OpenError> {
    let place = DatabaseLocation::of(&settings.path)?;
    refuse_incomplete(&place)?;
    let failed = |error| database_error(&place, error);
    let connection = if place.file.exists() {
        refuse_other_files(&place.file)?;
        let has_log = place.has_log();
        let connection = open(&place.file, Purpose::Read, settings.reader_cache_kib()).map_err(failed)?;
        if !has_log {
            remove_log_at_the_end(&connection);
        }
        connection
    } else {
        Connection::open_in_memory().map_err(failed)?
    };
    status(&connection).map_err(|error| migration_error(&place, error))
}

/// Makes the pending migrations, each in a transaction of its own, and returns those that were made. Creates the
/// database if it is missing.
///
/// # Errors
/// [`OpenError`]; the migrations before the failed one were made.
pub fn migrate(settings: &SqliteStoreSettings) -> Result<&'static [Migration], OpenError> {
    let database = migrated(settings)?;
    // If this fails, the log stays, and the next process moves it.
    let _ = truncate_log(&database.connection);
    remove_log_at_the_end(&database.connection);
    Ok(database.made)
}
