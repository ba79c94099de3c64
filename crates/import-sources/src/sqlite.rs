//! Databases of SQLite. A file that its application has open can be read too.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::catalog::{Catalog, Column, Table};
use crate::cell::Cell;
use crate::database::{Database, Query, TakeRow};
use crate::dialect::Dialect;
use crate::error::SourceError;

/// How long to wait for an application that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

const HEADER: &[u8; 16] = b"SQLite format 3\0";

/// An open file.
pub(crate) struct Sqlite {
    connection: Connection,
    path: PathBuf,
}

impl Sqlite {
    pub(crate) fn open(path: &Path) -> Result<Self, SourceError> {
        check_header(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(path, flags).and_then(begun);
        let opened = match opened {
            Err(error) if needs_files_beside(&error) && !has_log(path) => opened_alone(path),
            opened => opened,
        };
        let connection = opened.map_err(|error| fault(&error, path))?;
        Ok(Self { connection, path: path.to_owned() })
    }

    fn table(&self, name: String) -> Option<Table> {
        let mut columns = Vec::new();
        let mut keys = Vec::new();
        let query = "SELECT name, pk FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid";
        let mut statement = self.connection.prepare_cached(query).ok()?;
        let mut rows = statement.query([&name]).ok()?;
        // A view of a table that is gone, or a table of an unknown module, cannot be read.
        while let Some(row) = rows.next().ok()? {
            let column: String = row.get(0).ok()?;
            if row.get::<_, i64>(1).ok()? > 0 {
                keys.push(column.clone());
            }
            columns.push(Column { name: column, is_binary: false });
        }
        let key = keys.pop().filter(|_| keys.is_empty());
        Some(Table { key, columns, ..Table::new(None, name, true) })
    }
}

impl Database for Sqlite {
    fn dialect(&self) -> &dyn Dialect {
        &SqliteDialect
    }

    fn catalog(&mut self) -> Result<Catalog, SourceError> {
        let fault = |error: rusqlite::Error| fault(&error, &self.path);
        let query = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
        let mut statement = self.connection.prepare(query).map_err(fault)?;
        let names = statement.query_map([], |row| row.get(0)).map_err(fault)?;
        let names = names.collect::<Result<Vec<String>, _>>().map_err(fault)?;
        Ok(Catalog::new(names.into_iter().filter_map(|name| self.table(name)).collect()))
    }

    fn read(&mut self, query: &Query<'_>, take: TakeRow<'_>) -> Result<(), SourceError> {
        let fault = |error: rusqlite::Error| fault(&error, &self.path);
        let mut statement = self.connection.prepare(query.statement).map_err(fault)?;
        let mut rows = statement.query([]).map_err(fault)?;
        let mut cells = Vec::with_capacity(query.names.len());
        let mut number: u64 = 0;
        while let Some(row) = rows.next().map_err(fault)? {
            cells.clear();
            number += 1;
            for at in 0..query.names.len() {
                let value = row.get_ref(at).map_err(fault)?;
                let cell = cell(value, query.json[at]).ok_or_else(|| {
                    let key =
                        query.key.filter(|key| *key < at).and_then(|key| cells.get(key)).map(Cell::label);
                    SourceError::Encoding {
                        row: key.unwrap_or_else(|| number.to_string()),
                        column: query.names[at].clone(),
                    }
                })?;
                cells.push(cell);
            }
            take(&cells)?;
        }
        Ok(())
    }
}

/// A value; `None` if it is a text that is not UTF-8.
fn cell(value: ValueRef<'_>, is_json: bool) -> Option<Cell> {
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
    Some(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(bytes) if is_json => Cell::Json(text(bytes)?),
        ValueRef::Text(bytes) => Cell::Text(text(bytes)?),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
    })
}

/// Begins the transaction that everything is read in, and reads something, because opening alone reads nothing.
fn begun(connection: Connection) -> rusqlite::Result<Connection> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.execute_batch("PRAGMA query_only = ON; BEGIN")?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// Opens a file that nobody writes to, in a folder where SQLite may not make the files that it needs beside it.
fn opened_alone(path: &Path) -> rusqlite::Result<Connection> {
    let absolute = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let escaped = absolute.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags).and_then(begun)
}

fn needs_files_beside(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

/// Whether there are changes in a file beside the database.
fn has_log(path: &Path) -> bool {
    ["-wal", "-journal"].iter().any(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        fs::metadata(name).is_ok_and(|found| found.len() > 0)
    })
}

/// Tells a file that is no database by its beginning. An empty file is an empty database.
fn check_header(path: &Path) -> Result<(), SourceError> {
    let unreadable = |reason: std::io::Error| SourceError::Unreadable {
        path: path.to_owned(),
        reason: reason.to_string(),
    };
    match fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(SourceError::NoFile(path.to_owned()));
        }
        Err(error) => return Err(unreadable(error)),
        Ok(found) if found.is_dir() => {
            let reason = "it is a folder; name the database file in it".to_owned();
            return Err(SourceError::Unreadable { path: path.to_owned(), reason });
        }
        Ok(_) => {}
    }
    let mut start = Vec::new();
    File::open(path).and_then(|file| file.take(512).read_to_end(&mut start)).map_err(unreadable)?;
    if start.is_empty() || start.starts_with(HEADER) {
        return Ok(());
    }
    // A text may be cut within a character.
    let is_text = !start.contains(&0)
        && std::str::from_utf8(&start).map_or_else(|error| error.error_len().is_none(), |_| true);
    Err(if is_text {
        SourceError::NotSqlite(path.to_owned())
    } else {
        SourceError::Encrypted(path.to_owned())
    })
}

fn fault(error: &rusqlite::Error, path: &Path) -> SourceError {
    let path = path.to_owned();
    let text = match error {
        rusqlite::Error::SqliteFailure(_, Some(text)) => text.clone(),
        other => other.to_string(),
    };
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => SourceError::Locked(path),
        Some(ErrorCode::NotADatabase) => SourceError::Encrypted(path),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly) => {
            let reason = format!(
                "{text}; copy it together with its -wal and -journal files to a folder that you can write to, and import the copy"
            );
            SourceError::Unreadable { path, reason }
        }
        Some(ErrorCode::DatabaseCorrupt) => {
            let reason = format!("{text}; try `sqlite3 FILE .recover`");
            SourceError::Unreadable { path, reason }
        }
        _ => SourceError::Database(format!("SQLite: {text}")),
    }
}

struct SqliteDialect;

impl Dialect for SqliteDialect {
    fn quoted(&self, name: &str) -> String {
        format!("\"{}\"", name.replace('"', "\"\""))
    }

    fn text(&self, text: &str) -> String {
        format!("'{}'", text.replace('\'', "''"))
    }

    fn value(&self, expression: &str, _: &Column) -> String {
        expression.to_owned()
    }

    fn only_value(&self, expression: &str, _: &Column) -> String {
        format!("min({expression})")
    }

    fn list(&self, expression: &str) -> String {
        format!("json_group_array({expression})")
    }

    fn object(&self, members: &str) -> String {
        format!("json_object({members})")
    }

    fn as_text(&self, expression: &str) -> String {
        format!("CAST({expression} AS TEXT)")
    }
}
