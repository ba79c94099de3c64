//! Migrations of the schema. They are part of the binary, and opening a store runs those that it lacks.

use jiff::Timestamp;
use roster_storage_sql::{Migration, NewerSchema, SchemaVersion, micros, pending};
use rusqlite::{Connection, TransactionBehavior, params};
use thiserror::Error;

/// All migrations, in order.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "the tables of users, sessions, service accounts and the audit log",
    min_reader: 1,
    sql: include_str!("migrations/0001.sql"),
}];

/// Marks a database of Roster: `Rost`.
const APPLICATION_ID: i32 = 0x526f_7374;

const CREATE: &str = "CREATE TABLE migrations (
    version INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    min_reader INTEGER NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT";
const TABLES: &str = "SELECT count(*), coalesce(sum(name = 'migrations'), 0) FROM sqlite_schema";
const FOUND: &str = "SELECT coalesce(max(version), 0), coalesce(max(min_reader), 0) FROM migrations";
const RECORD: &str = "INSERT INTO migrations (version, name, min_reader, applied_at) VALUES ($1, $2, $3, $4)";

/// Why the schema is not what this Roster needs.
#[derive(Debug, Error)]
pub(crate) enum MigrationError {
    /// The database is not one of Roster.
    #[error("the database was not made by Roster")]
    Foreign,
    /// It is one of a newer Roster.
    #[error(transparent)]
    Newer(#[from] NewerSchema),
    /// SQLite reports an error.
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

/// The version of the schema. It changes nothing.
pub(crate) fn version(connection: &Connection) -> Result<SchemaVersion, MigrationError> {
    let (tables, own) =
        connection.query_row(TABLES, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if tables == 0 && (application == 0 || application == APPLICATION_ID) {
        return Ok(SchemaVersion::default());
    }
    if own == 0 || application != APPLICATION_ID {
        return Err(MigrationError::Foreign);
    }
    let found = connection
        .query_row(FOUND, [], |row| Ok(SchemaVersion { version: row.get(0)?, min_reader: row.get(1)? }))?;
    Ok(found)
}

/// The migrations that the database lacks. It changes nothing.
pub(crate) fn lacking(connection: &Connection) -> Result<&'static [Migration], MigrationError> {
    Ok(pending(MIGRATIONS, version(connection)?)?)
}

/// Runs the migrations that the database lacks, each in a transaction of its own.
pub(crate) fn migrate(connection: &mut Connection, now: Timestamp) -> Result<(), MigrationError> {
    for migration in lacking(connection)? {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if migration.version == 1 {
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.execute_batch(CREATE)?;
        }
        transaction.execute_batch(migration.sql)?;
        let record = params![migration.version, migration.name, migration.min_reader, micros(now)];
        transaction.execute(RECORD, record)?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_keeps_the_types_of_its_columns() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, Timestamp::UNIX_EPOCH).unwrap();
        let loose: Vec<String> = connection
            .prepare("SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict AND schema = 'main' AND name NOT LIKE 'sqlite%'")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert!(loose.iter().all(|name| name.starts_with("user_search")), "{loose:?}");
    }

    #[test]
    fn migrating_again_does_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(version(&connection).unwrap(), SchemaVersion { version: 1, min_reader: 1 });
        migrate(&mut connection, Timestamp::MAX).unwrap();
        assert!(lacking(&connection).unwrap().is_empty());
    }

    #[test]
    fn another_programs_database_is_not_migrated() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE migrations (version INTEGER)").unwrap();
        let refused = migrate(&mut connection, Timestamp::UNIX_EPOCH);
        assert!(matches!(refused, Err(MigrationError::Foreign)), "{refused:?}");
    }
}
