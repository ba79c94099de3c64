//! Why a database cannot be read, and what to do.

use std::path::PathBuf;

use thiserror::Error;

/// The columns of a table at most, as in files.
pub(crate) const MAX_COLUMNS: usize = 1000;

/// Why a database cannot be read. No message contains a password.
#[derive(Debug, Error)]
pub enum SourceError {
    /// The URL has a fault.
    #[error("{0}")]
    Url(String),
    /// There is no such file.
    #[error("there is no file \"{}\"", .0.display())]
    NoFile(PathBuf),
    /// The file is text.
    #[error(
        "\"{}\" is not a SQLite database; to import it as a file, omit \"sqlite:\"", .0.display()
    )]
    NotSqlite(PathBuf),
    /// The file is not text either.
    #[error(
        "\"{}\" is not a SQLite database, or it is encrypted (SQLCipher) or damaged; export it with the program that has its \
         key", .0.display()
    )]
    Encrypted(PathBuf),
    /// Another program has the file.
    #[error(
        "\"{}\" is locked by another program; stop it, or copy the file together with its -wal file and import the copy",
        .0.display()
    )]
    Locked(PathBuf),
    /// The file cannot be opened.
    #[error("cannot open \"{}\": {reason}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not, and what to do.
        reason: String,
    },
    /// The database answered with an error, or not at all.
    #[error("{0}")]
    Database(String),
    /// No table was named.
    #[error("name the table with --table, or the system with --from{hint}; the tables are: {}", listed(.tables))]
    TableNotNamed {
        /// The tables, the likely ones first.
        tables: Vec<String>,
        /// Systems that have these tables.
        hint: String,
    },
    /// There is no such table.
    #[error("there is no table {wanted}{hint}; the tables are: {}", listed(.tables))]
    NoTable {
        /// The table that was asked for.
        wanted: String,
        /// The tables, the similar ones first.
        tables: Vec<String>,
        /// What else to do.
        hint: String,
    },
    /// What says who is locked out cannot be read.
    #[error("{0}, and it says who is locked out; let the user of the database read it")]
    LocksNotReadable(String),
    /// A filter of a system is on a column that cannot be read.
    #[error("{0}, and it says which rows are people; let the user of the database read it")]
    PeopleNotReadable(String),
    /// The database does not say what it hides.
    #[error(
        "the user of the database may not read all columns of {0}, and the database does not say which: one of them may say who \
         is locked out; let the user read the whole table, or create a view of the columns that matter and name it with --table"
    )]
    ColumnsHidden(String),
    /// No column of the table can be read.
    #[error("the user of the database may not read the table {0}")]
    TableNotReadable(String),
    /// There are no tables at all.
    #[error("it has no table that can be read")]
    NoTables,
    /// The system writes files.
    #[error("{name} has no database to import: {how}")]
    NoDatabase {
        /// The system.
        name: &'static str,
        /// How to make the file.
        how: &'static str,
    },
    /// The table is too wide.
    #[error(
        "the table {table} has {columns} columns; an import reads {MAX_COLUMNS} at most: create a view of those that matter"
    )]
    TooManyColumns {
        /// The table.
        table: String,
        /// Its columns.
        columns: usize,
    },
    /// There is no such column.
    #[error("the table {table} has no column {column}; its columns are: {}", listed(.columns))]
    NoColumn {
        /// The table.
        table: String,
        /// What was asked for.
        column: String,
        /// What there is.
        columns: Vec<String>,
    },
    /// A text is not UTF-8.
    #[error(
        "the column {column} of row {row} is not UTF-8; correct it there, or name a view that leaves it out"
    )]
    Encoding {
        /// The row, by its key or its number.
        row: String,
        /// The column.
        column: String,
    },
    /// There is nothing to import.
    #[error("the table {0} has no rows to import")]
    NoRows(String),
    /// Whoever reads the rows has stopped.
    #[error("the import was cancelled")]
    Cancelled,
}

/// Names in a sentence, the first of them if there are many.
pub(crate) fn listed(names: &[String]) -> String {
    const SHOWN: usize = 30;
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN { format!("{shown} and {} more", names.len() - SHOWN) } else { shown }
}
