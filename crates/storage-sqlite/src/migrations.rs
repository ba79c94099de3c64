//! Migrations of the schema. They are part of the binary, and opening a store runs those that it lacks.

use jiff::Timestamp;
use roster_storage_sql::{
    AppliedMigration, Migration, NewerSchema, SchemaStatus, micros, statements, timestamp,
};
use rusqlite::{Connection, Row, TransactionBehavior, params};
use thiserror::Error;

/// All migrations, in order.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "the tables of users, sessions, service accounts and the audit log",
        min_reader: 1,
        sql: include_str!("migrations/0001.sql"),
    },
    Migration {
        version: 2,
        name: "signing keys in the store",
        min_reader: 1,
        sql: include_str!("migrations/0002.sql"),
    },
    Migration {
        version: 3,
        name: "indexes of the users who are not active",
        min_reader: 1,
        sql: include_str!("migrations/0003.sql"),
    },
    Migration {
        version: 4,
        name: "indexes of the hashes that should be replaced soon",
        min_reader: 1,
        sql: include_str!("migrations/0004.sql"),
    },
];

/// Marks a database of Roster: `Rost`.
const APPLICATION_ID: i32 = 0x526f_7374;

const CREATE: &str = "CREATE TABLE migrations (
    version INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    min_reader INTEGER NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT";
statements! {
    TABLES = "SELECT count(*), coalesce(sum(name = 'migrations'), 0) FROM sqlite_schema";
    APPLIED = "SELECT version, name, min_reader, applied_at FROM migrations ORDER BY version";
    RECORD = "INSERT INTO migrations (version, name, min_reader, applied_at) VALUES ($1, $2, $3, $4)";
}

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

/// The schema, and what it lacks. It changes nothing.
pub(crate) fn status(connection: &Connection) -> Result<SchemaStatus, MigrationError> {
    let (tables, own) =
        connection.query_row(TABLES.text(), [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if tables == 0 && (application == 0 || application == APPLICATION_ID) {
        return Ok(SchemaStatus::new(MIGRATIONS, Vec::new()));
    }
    if own == 0 || application != APPLICATION_ID {
        return Err(MigrationError::Foreign);
    }
    let mut statement = connection.prepare(APPLIED.text())?;
    let applied = statement.query_map([], applied)?.collect::<Result<_, _>>()?;
    Ok(SchemaStatus::new(MIGRATIONS, applied))
}

fn applied(row: &Row<'_>) -> rusqlite::Result<AppliedMigration> {
    let at = timestamp("applied_at", row.get(3)?).unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(AppliedMigration { version: row.get(0)?, name: row.get(1)?, min_reader: row.get(2)?, at })
}

/// The migrations that the database lacks. It changes nothing.
pub(crate) fn lacking(connection: &Connection) -> Result<&'static [Migration], MigrationError> {
    Ok(status(connection)?.plan()?)
}

/// Runs the migrations that the database lacks, each in a transaction of its own, and returns them.
pub(crate) fn migrate(
    connection: &mut Connection,
    now: Timestamp,
) -> Result<&'static [Migration], MigrationError> {
    let pending = lacking(connection)?;
    for migration in pending {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if migration.version == 1 {
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.execute_batch(CREATE)?;
        }
        transaction.execute_batch(migration.sql)?;
        let record = params![migration.version, migration.name, migration.min_reader, micros(now)];
        transaction.execute(RECORD.text(), record)?;
        transaction.commit()?;
    }
    Ok(pending)
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
        let before = status(&connection).unwrap();
        assert_eq!((before.found.version, before.pending.len()), (before.known, 0));
        assert!(before.applied.iter().all(|applied| applied.at == Timestamp::UNIX_EPOCH));
        assert_eq!(migrate(&mut connection, Timestamp::MAX).unwrap(), []);
        assert_eq!(status(&connection).unwrap(), before);
    }

    #[test]
    fn another_programs_database_is_not_migrated() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE migrations (version INTEGER)").unwrap();
        let refused = migrate(&mut connection, Timestamp::UNIX_EPOCH);
        assert!(matches!(refused, Err(MigrationError::Foreign)), "{refused:?}");
    }
}
