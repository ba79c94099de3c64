//! The database that is being built.

use std::path::Path;

use roster_storage::{Change, RestoreError, StoredItem, StoredKeys};
use roster_storage_sql::{RestoreOrder, has_no_user, item_name, occurs_twice, statements};
use rusqlite::Connection;

use crate::connection::{Purpose, open};
use crate::failure::Failure;
use crate::migrations::{MigrationError, migrate};
use crate::settings::SqliteStoreSettings;
use crate::signing_keys::set_keys;
use crate::tally::Tally;
use crate::{audit, changes, service_accounts, sessions, users};

const CACHE_KIB: u32 = 64 * 1024;

statements! {
    /// The indexes that adding items does not need: all but those of constraints, and the one that finds the keys of an
    /// account.
    INDEXES = "SELECT name, sql FROM sqlite_schema
        WHERE type = 'index' AND sql IS NOT NULL AND name <> 'api_keys_by_account'";
}

/// A database that gets the items of a snapshot.
pub(super) struct Building {
    connection: Connection,
    order: RestoreOrder,
    tally: Tally,
    /// What creates the indexes, at the end: sorting a table once costs less than keeping an index up to date.
    indexes: Vec<String>,
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
        Ok(Self { connection, order: RestoreOrder::default(), tally: Tally::default(), indexes })
    }

    /// Adds an item.
    pub(super) fn add(&mut self, item: &StoredItem) -> Result<(), RestoreError> {
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
        let taken = changes::apply(connection, &change, &[], &mut self.tally)?;
        taken.map_or(Ok(()), |taken| Err(RestoreError::Clash { item: item_name(item), taken }))
    }

    /// Sets the signing keys.
    pub(super) fn set_keys(&self, keys: &StoredKeys) -> Result<(), RestoreError> {
        Ok(set_keys(&self.connection, keys).map_err(Failure::from)?)
    }

    /// Completes the database file. It is not synced yet.
    pub(super) fn finish(self) -> Result<(), Failure> {
        for sql in &self.indexes {
            self.connection.execute_batch(sql)?;
        }
        self.connection.execute_batch("COMMIT")?;
        self.connection.flush_prepared_statement_cache();
        self.connection.close().map_err(|(_, error)| error.into())
    }
}

/// Drops the indexes, and returns what creates them again.
fn drop_indexes(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(INDEXES.text())?;
    let indexes = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let indexes = indexes.collect::<Result<Vec<_>, _>>()?;
    drop(statement);
    let names: Vec<_> = indexes.iter().map(|(name, _)| format!("DROP INDEX {name};")).collect();
    connection.execute_batch(&names.concat())?;
    Ok(indexes.into_iter().map(|(_, sql)| sql).collect())
}
