//! The signing keys. They have connections of their own, so that a key can be revoked while a server has the store open.

use roster_storage::{KeyStamp, KeyWrite, SealedKey, StoredKeys};
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};

use crate::connection::{Purpose, open, remove_log_at_the_end};
use crate::error::OpenError;
use crate::lock::DatabaseLocation;
use crate::migrations::lacking;
use crate::opening::{database_error, migration_error, open_to_write};
use crate::settings::SqliteStoreSettings;

/// The signing keys of a store. Several processes may use them at once. Every function blocks.
#[derive(Clone, Debug)]
pub struct SqliteKeys(SqliteStoreSettings);

const STAMP: &str = "SELECT version, audited FROM key_ring";
const RING: &str = "SELECT version, audited, ring FROM key_ring";
const SEALED: &str = "SELECT kid, sealed FROM signing_keys ORDER BY kid";
const REPLACE: &str = "UPDATE key_ring SET version = version + 1, ring = $1 WHERE version = $2";
const SET: &str = "UPDATE key_ring SET version = version + 1, ring = $1, audited = $2";
const ADVANCE: &str = "UPDATE key_ring SET audited = max(audited, $1)";
const CLEAR: &str = "DELETE FROM signing_keys";
const INSERT: &str = "INSERT INTO signing_keys (kid, sealed) VALUES ($1, $2)";

/// A connection needs a few rows.
const CACHE_KIB: u32 = 64;

impl SqliteKeys {
    /// The keys of the store at this place.
    #[must_use]
    pub const fn new(settings: SqliteStoreSettings) -> Self {
        Self(settings)
    }

    /// Tells whether the keys have changed.
    ///
    /// # Errors
    /// [`OpenError`], if the database cannot be read. The same applies to the other functions.
    pub fn stamp(&self) -> Result<KeyStamp, OpenError> {
        self.read(|connection| connection.query_row(STAMP, [], stamp))
    }

    /// The keys. There are none in a missing store.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn read_keys(&self) -> Result<StoredKeys, OpenError> {
        self.read(read_keys)
    }

    /// Replaces the keys that have this version. Creates the store if it is missing.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn replace(&self, version: u64, keys: &StoredKeys) -> Result<KeyWrite, OpenError> {
        self.write(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let ring = keys.ring.as_deref().unwrap_or_default();
            if transaction.execute(REPLACE, params![ring, version.cast_signed()])? == 0 {
                return Ok(KeyWrite::Outdated);
            }
            put_private(&transaction, keys)?;
            transaction.commit()?;
            Ok(KeyWrite::Made)
        })
    }

    /// Stores that all changes up to this one are in the audit log.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn advance_audited(&self, number: u64) -> Result<(), OpenError> {
        self.write(|connection| connection.execute(ADVANCE, [number.cast_signed()]).map(drop))
    }

    fn read<T: Default>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, OpenError> {
        let place = DatabaseLocation::of(&self.0.path)?;
        if !place.file.exists() {
            return Ok(T::default());
        }
        let failed = |error| database_error(&place, error);
        let has_log = place.has_log();
        let connection = open(&place.file, Purpose::Read, CACHE_KIB).map_err(failed)?;
        if !has_log {
            // Reading makes an empty log.
            remove_log_at_the_end(&connection);
        }
        let lacking = lacking(&connection).map_err(|error| migration_error(&place, error))?;
        if lacking.iter().any(|migration| migration.version <= KEYS_SINCE) {
            return Ok(T::default());
        }
        read(&connection).map_err(failed)
    }

    fn write<T>(&self, write: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, OpenError> {
        let place = DatabaseLocation::of(&self.0.path)?;
        let is_ready = place.file.exists() && {
            let connection = open(&place.file, Purpose::Read, CACHE_KIB);
            let connection = connection.map_err(|error| database_error(&place, error))?;
            lacking(&connection).map_err(|error| migration_error(&place, error))?.is_empty()
        };
        if !is_ready {
            drop(open_to_write(&self.0)?);
        }
        let failed = |error| database_error(&place, error);
        let mut connection = open(&place.file, Purpose::Write, CACHE_KIB).map_err(failed)?;
        write(&mut connection).map_err(failed)
    }
}

/// The migration that made the tables.
const KEYS_SINCE: u32 = 2;

/// Reads the keys as one state.
fn read_keys(connection: &Connection) -> rusqlite::Result<StoredKeys> {
    let transaction = connection.unchecked_transaction()?;
    let found = transaction.query_row(RING, [], |row| Ok((stamp(row)?, row.get::<_, String>(2)?)));
    let Some((stamp, ring)) = found.optional()? else { return Ok(StoredKeys::default()) };
    let mut statement = transaction.prepare(SEALED)?;
    let private = statement.query_map([], |row| Ok(SealedKey { kid: row.get(0)?, sealed: row.get(1)? }))?;
    let private = private.collect::<Result<_, _>>()?;
    Ok(StoredKeys { ring: Some(ring).filter(|ring| !ring.is_empty()), private, stamp })
}

fn stamp(row: &Row<'_>) -> rusqlite::Result<KeyStamp> {
    let number = |at: usize| row.get::<_, i64>(at).map(i64::cast_unsigned);
    Ok(KeyStamp { version: number(0)?, audited: number(1)? })
}

/// Sets the keys of a store that is being restored.
pub(crate) fn set_keys(connection: &Connection, keys: &StoredKeys) -> rusqlite::Result<()> {
    let ring = keys.ring.as_deref().unwrap_or_default();
    connection.execute(SET, params![ring, keys.stamp.audited.cast_signed()])?;
    put_private(connection, keys)
}

fn put_private(connection: &Connection, keys: &StoredKeys) -> rusqlite::Result<()> {
    connection.execute(CLEAR, [])?;
    let mut insert = connection.prepare(INSERT)?;
    keys.private.iter().try_for_each(|key| insert.execute(params![key.kid, key.sealed]).map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn keys(ring: &str, kids: &[&str]) -> StoredKeys {
        let private = kids.iter().map(|kid| SealedKey { kid: (*kid).to_owned(), sealed: vec![1, 2, 3] });
        StoredKeys { ring: Some(ring.to_owned()), private: private.collect(), stamp: KeyStamp::default() }
    }

    #[test]
    fn of_two_changes_of_the_same_version_one_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let settings = SqliteStoreSettings::new(folder.path().join("roster.db"), Timestamp::UNIX_EPOCH);
        let table = SqliteKeys::new(settings);
        assert_eq!(table.read_keys().unwrap(), StoredKeys::default());
        assert_eq!(table.replace(0, &keys("one", &["a", "b"])).unwrap(), KeyWrite::Made);
        assert_eq!(table.replace(0, &keys("other", &["c"])).unwrap(), KeyWrite::Outdated);
        table.advance_audited(7).unwrap();
        table.advance_audited(3).unwrap();
        let stamp = KeyStamp { version: 1, audited: 7 };
        assert_eq!(table.read_keys().unwrap(), StoredKeys { stamp, ..keys("one", &["a", "b"]) });
        assert_eq!(table.replace(1, &keys("two", &["b"])).unwrap(), KeyWrite::Made);
        let stamp = KeyStamp { version: 2, audited: 7 };
        assert_eq!(table.read_keys().unwrap(), StoredKeys { stamp, ..keys("two", &["b"]) });
        assert_eq!(table.stamp().unwrap(), stamp);
    }
}
