//! The database of a copy.

use roster_storage::{CopyPosition, RestoreError, StoredItem, StoredKeys};
use rusqlite::{Connection, params};

use crate::connection::{Purpose, open};
use crate::failure::Failure;
use crate::indexes::{drop_indexes, indexes};
use crate::item_writer::ItemWriter;
use crate::lock::DatabaseLocation;
use crate::migrations::{MigrationError, lacking, migrate};
use crate::search_index::merge_parts;
use crate::settings::SqliteStoreSettings;
use crate::signing_keys::set_keys;

const CACHE_KIB: u32 = 64 * 1024;
/// After so many pages, a COMMIT moves the log into the database.
const CHECKPOINT_PAGES: u32 = 4_096;

const CREATE: &str = "CREATE TABLE copy_position (items INTEGER NOT NULL, digest TEXT NOT NULL) STRICT;
    INSERT INTO copy_position VALUES (0, '')";
const READ: &str = "SELECT items, digest FROM copy_position";
const MOVE: &str = "UPDATE copy_position SET items = $1, digest = $2";
const DROP: &str = "DROP TABLE copy_position";

/// A database that gets the items of a snapshot, and how many it has.
pub(super) struct StagedDatabase {
    connection: Connection,
    writer: ItemWriter,
}

impl StagedDatabase {
    /// Creates an empty database in this place, where there is an empty file.
    pub(super) fn create(
        staged: &DatabaseLocation,
        settings: &SqliteStoreSettings,
    ) -> Result<Self, MigrationError> {
        let mut connection = connect(staged)?;
        migrate(&mut connection, settings.now)?;
        let transaction = connection.transaction()?;
        drop_indexes(&transaction)?;
        transaction.execute_batch(CREATE)?;
        transaction.commit()?;
        Ok(Self { connection, writer: ItemWriter::default() })
    }

    /// Opens what an earlier process has left; `None` if that has no position, or was made by another version of Roster.
    pub(super) fn reopen(staged: &DatabaseLocation) -> Result<Option<(Self, CopyPosition)>, MigrationError> {
        let connection = connect(staged)?;
        if !connection.table_exists(None, "copy_position")? || !lacking(&connection)?.is_empty() {
            return Ok(None);
        }
        let position = connection.query_row(READ, [], |row| {
            Ok(CopyPosition { items: row.get::<_, i64>(0)?.cast_unsigned(), digest: row.get(1)? })
        })?;
        let writer = ItemWriter::after(&connection)?;
        Ok(Some((Self { connection, writer }, position)))
    }

    /// Adds items in a transaction.
    pub(super) fn add(&mut self, items: &[StoredItem], position: &CopyPosition) -> Result<(), RestoreError> {
        let transaction = self.connection.transaction().map_err(Failure::from)?;
        items.iter().try_for_each(|item| self.writer.write(&transaction, item))?;
        let moved = transaction.execute(MOVE, params![position.items.cast_signed(), position.digest]);
        moved.and_then(|_| transaction.commit()).map_err(Failure::from)?;
        Ok(())
    }

    /// Completes the database. It is one file afterwards, which is not synced yet.
    pub(super) fn finish(mut self, keys: Option<&StoredKeys>) -> Result<(), Failure> {
        self.make_indexes()?;
        merge_parts(&self.connection)?;
        let transaction = self.connection.transaction()?;
        keys.map_or(Ok(()), |keys| set_keys(&transaction, keys))?;
        transaction.execute_batch(DROP)?;
        transaction.commit()?;
        self.connection.flush_prepared_statement_cache();
        self.connection.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()))?;
        self.connection.close().map_err(|(_, error)| error.into())
    }

    /// Makes the indexes of a new database that are missing, each in a transaction of its own.
    fn make_indexes(&self) -> Result<(), Failure> {
        let mut new = Connection::open_in_memory()?;
        migrate(&mut new, jiff::Timestamp::UNIX_EPOCH).map_err(of_migration)?;
        let present = indexes(&self.connection)?;
        for index in indexes(&new)?.iter().filter(|index| !present.contains(index)) {
            self.connection.execute_batch(&index.sql)?;
        }
        Ok(())
    }
}

fn connect(staged: &DatabaseLocation) -> rusqlite::Result<Connection> {
    let connection = open(&staged.file, Purpose::Write, CACHE_KIB)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    // What is sorted at the end may be larger than the memory.
    connection.pragma_update(None, "temp_store", "file")?;
    Ok(connection)
}

/// The error of a database that is new.
fn of_migration(error: MigrationError) -> rusqlite::Error {
    match error {
        MigrationError::Sqlite(error) => error,
        MigrationError::Foreign | MigrationError::Newer(_) => rusqlite::Error::InvalidQuery,
    }
}
