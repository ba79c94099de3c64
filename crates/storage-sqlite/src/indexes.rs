//! The indexes that adding items to a new database does not need.

use roster_storage_sql::statements;
use rusqlite::Connection;

statements! {
    /// All but those of constraints, and the one that finds the keys of an account.
    INDEXES = "SELECT name, sql FROM sqlite_schema
        WHERE type = 'index' AND sql IS NOT NULL AND name <> 'api_keys_by_account'";
}

/// An index that is made at the end: sorting a table once costs less than keeping an index up to date.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Index {
    name: String,
    /// What creates it.
    pub(crate) sql: String,
}

/// The indexes in this database.
pub(crate) fn indexes(connection: &Connection) -> rusqlite::Result<Vec<Index>> {
    let mut statement = connection.prepare(INDEXES.text())?;
    let indexes = statement.query_map([], |row| Ok(Index { name: row.get(0)?, sql: row.get(1)? }))?;
    indexes.collect()
}

/// Drops the indexes, and returns them.
pub(crate) fn drop_indexes(connection: &Connection) -> rusqlite::Result<Vec<Index>> {
    let indexes = indexes(connection)?;
    let drops: Vec<_> = indexes.iter().map(|index| format!("DROP INDEX {};", index.name)).collect();
    connection.execute_batch(&drops.concat())?;
    Ok(indexes)
}
