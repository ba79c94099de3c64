//! Binds values and reads columns.

use roster_storage_sql::{ColumnError, Columns, RowError, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};
use uuid::Uuid;

use crate::failure::Failure;

/// A value in the form that SQLite stores.
pub(crate) struct Bound<'a>(pub(crate) &'a Value<'a>);

impl<'a> Bound<'a> {
    /// The stored form.
    pub(crate) fn as_stored(&self) -> ValueRef<'a> {
        let text = |text: &'a str| ValueRef::Text(text.as_bytes());
        match self.0 {
            Value::Null
            | Value::OptionalText(None)
            | Value::OptionalId(None)
            | Value::OptionalNumber(None) => ValueRef::Null,
            Value::Flag(flag) => ValueRef::Integer(i64::from(*flag)),
            Value::Number(number) | Value::OptionalNumber(Some(number)) => ValueRef::Integer(*number),
            Value::Text(value) | Value::OptionalText(Some(value)) => text(value),
            Value::Id(id) | Value::OptionalId(Some(id)) => ValueRef::Blob(id.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }
    }
}

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.as_stored()))
    }
}

/// The columns of a row, read from left to right.
pub(crate) struct Row<'stmt, 'row> {
    row: &'row rusqlite::Row<'stmt>,
    next: usize,
}

impl<'stmt, 'row> Row<'stmt, 'row> {
    /// The columns from this one on.
    pub(crate) const fn from(row: &'row rusqlite::Row<'stmt>, next: usize) -> Self {
        Self { row, next }
    }

    fn value(&mut self, column: &'static str) -> Result<ValueRef<'row>, ColumnError> {
        let value = self.row.get_ref(self.next).map_err(|error| ColumnError::new(column, error))?;
        self.next += 1;
        Ok(value)
    }
}

fn wrong(column: &'static str, expected: &str, found: ValueRef<'_>) -> ColumnError {
    ColumnError::new(column, format!("expected {expected}, found {}", found.data_type()))
}

fn as_text(column: &'static str, value: ValueRef<'_>) -> Result<String, ColumnError> {
    match value {
        ValueRef::Text(bytes) => {
            let text = std::str::from_utf8(bytes).map_err(|error| ColumnError::new(column, error))?;
            Ok(text.to_owned())
        }
        other => Err(wrong(column, "a text", other)),
    }
}

fn as_number(column: &'static str, value: ValueRef<'_>) -> Result<i64, ColumnError> {
    match value {
        ValueRef::Integer(number) => Ok(number),
        other => Err(wrong(column, "a number", other)),
    }
}

fn as_id(column: &'static str, value: ValueRef<'_>) -> Result<Uuid, ColumnError> {
    match value {
        ValueRef::Blob(bytes) => Uuid::from_slice(bytes).map_err(|error| ColumnError::new(column, error)),
        other => Err(wrong(column, "an id", other)),
    }
}

impl Columns for Row<'_, '_> {
    fn number(&mut self, column: &'static str) -> Result<i64, ColumnError> {
        as_number(column, self.value(column)?)
    }

    fn optional_number(&mut self, column: &'static str) -> Result<Option<i64>, ColumnError> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            value => as_number(column, value).map(Some),
        }
    }

    fn text(&mut self, column: &'static str) -> Result<String, ColumnError> {
        as_text(column, self.value(column)?)
    }

    fn optional_text(&mut self, column: &'static str) -> Result<Option<String>, ColumnError> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            value => as_text(column, value).map(Some),
        }
    }

    fn flag(&mut self, column: &'static str) -> Result<bool, ColumnError> {
        match self.value(column)? {
            ValueRef::Integer(0) => Ok(false),
            ValueRef::Integer(1) => Ok(true),
            other => Err(wrong(column, "0 or 1", other)),
        }
    }

    fn id(&mut self, column: &'static str) -> Result<Uuid, ColumnError> {
        as_id(column, self.value(column)?)
    }

    fn optional_id(&mut self, column: &'static str) -> Result<Option<Uuid>, ColumnError> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            value => as_id(column, value).map(Some),
        }
    }

    fn digest(&mut self, column: &'static str) -> Result<[u8; 32], ColumnError> {
        match self.value(column)? {
            ValueRef::Blob(bytes) => bytes.try_into().map_err(|error| ColumnError::new(column, error)),
            other => Err(wrong(column, "a digest", other)),
        }
    }
}

/// All rows of a statement.
pub(crate) fn all<T>(
    connection: &Connection,
    sql: &str,
    values: &[Value<'_>],
    mut read: impl FnMut(&mut Row<'_, '_>) -> Result<T, RowError>,
) -> Result<Vec<T>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values.iter().map(Bound)))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(&mut Row::from(row, 0))?);
    }
    Ok(found)
}

/// The first row of a statement, if there is one.
pub(crate) fn first<T>(
    connection: &Connection,
    sql: &str,
    values: &[Value<'_>],
    read: impl FnOnce(&mut Row<'_, '_>) -> Result<T, RowError>,
) -> Result<Option<T>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values.iter().map(Bound)))?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(read(&mut Row::from(row, 0))?))
}

/// The number in the first column of the first row, if there is one.
pub(crate) fn number(
    connection: &Connection,
    sql: &str,
    values: &[Value<'_>],
) -> Result<Option<i64>, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values.iter().map(Bound)))?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(row.get(0)?)
}

/// Whether a statement has a row.
pub(crate) fn exists(connection: &Connection, sql: &str, values: &[Value<'_>]) -> Result<bool, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.exists(rusqlite::params_from_iter(values.iter().map(Bound)))?)
}

/// Runs a statement without rows and returns how many rows it changed.
pub(crate) fn execute(connection: &Connection, sql: &str, values: &[Value<'_>]) -> Result<usize, Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.execute(rusqlite::params_from_iter(values.iter().map(Bound)))?)
}
