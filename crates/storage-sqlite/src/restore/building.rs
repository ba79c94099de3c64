//! The database that is being built.

use std::path::Path;

use roster_storage::{RestoreError, StoredItem, StoredKeys};
use rusqlite::Connection;

use crate::connection::{Purpose, open};
use crate::failure::Failure;
use crate::indexes::{Index, drop_indexes};
use crate::item_writer::ItemWriter;
use crate::migrations::{MigrationError, migrate};
use crate::search_index::merge_parts;
use crate::settings::SqliteStoreSettings;
use crate::signing_keys::set_keys;

const CACHE_KIB: u32 = 64 * 1024;

/// A database that gets the items of a snapshot.
pub(super) struct Building {
    connection: Connection,
    writer: ItemWriter,
    /// What creates the indexes, at the end: sorting a table once costs less than keeping an index up to date.
    indexes: Vec<Index>,
}

impl Building {
    /// Starts with an empty database at this path, where there is an empty file.
    pub(super) fn begin(path: &Path, settings: &SqliteStoreSettings) -> rusqlite::Result<Self> {
        let mut connection = open(path, Purpose::Checkpoint, CACHE_KIB)?;
        // If this process is killed, the file is worthless anyway.
        connection.pragma_update_and_check(None, "journal_mode", "off", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "off")?;
        migrate(&mut connection, settings.now).map_err(|error| match error {
            MigrationError::Sqlite(error) => error,
            // The file is new.
            MigrationError::Foreign | MigrationError::Newer(_) => rusqlite::Error::InvalidQuery,
        })?;
        // What is sorted at the end may be larger than the memory.
        connection.pragma_update(None, "temp_store", "file")?;
        connection.execute_batch("BEGIN")?;
        let indexes = drop_indexes(&connection)?;
        Ok(Self { connection, writer: ItemWriter::default(), indexes })
    }

    /// Adds an item.
    pub(super) fn add(&mut self, item: &StoredItem) -> Result<(), RestoreError> {
        self.writer.write(&self.connection, item)
    }

    /// Sets the signing keys.
    pub(super) fn set_keys(&self, keys: &StoredKeys) -> Result<(), RestoreError> {
        Ok(set_keys(&self.connection, keys).map_err(Failure::from)?)
    }

    /// Completes the database file. It is not synced yet.
    pub(super) fn finish(self) -> Result<(), Failure> {
        for index in &self.indexes {
            self.connection.execute_batch(&index.sql)?;
        }
        merge_parts(&self.connection)?;
        self.connection.execute_batch("COMMIT")?;
        self.connection.flush_prepared_statement_cache();
        self.connection.close().map_err(|(_, error)| error.into())
    }
}
