//! Writes whole rows. SQLite rewrites the entry of every index whose column an UPDATE names, even with the same value, so
//! an UPDATE names only what changed.

use std::borrow::Cow;

use roster_storage_sql::{MORE, Sql, UserRow, Value};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params_from_iter};

use crate::failure::Failure;
use crate::rows::{Bound, execute};

/// A table whose first column is its key.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// All columns, in the order of the values.
    pub(crate) columns: &'static [&'static [&'static str]],
    /// Reads all columns of the row with the key `$1`.
    pub(crate) select: &'static Sql,
    /// Inserts a row.
    pub(crate) insert: &'static Sql,
}

/// Whether a row was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// It is new.
    Inserted,
    /// It replaces an earlier state.
    Updated,
}

/// A column with its value.
pub(crate) type Changed<'v, 'a> = (&'static str, Cow<'v, Value<'a>>);

impl Table {
    fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().flat_map(|columns| columns.iter().copied())
    }

    /// The columns of a row whose stored values differ. The first `skip` columns of the row are others.
    pub(crate) fn changed<'v, 'a>(
        &self,
        row: &Row<'_>,
        skip: usize,
        values: &'v [Value<'a>],
    ) -> rusqlite::Result<Vec<Changed<'v, 'a>>> {
        let mut changed = Vec::new();
        for (at, (column, value)) in self.columns().zip(values).enumerate() {
            if let Some(value) = new_value(column, row.get_ref(skip + at)?, value) {
                changed.push((column, value));
            }
        }
        Ok(changed)
    }

    /// Stores these values.
    pub(crate) fn put(&self, connection: &Connection, values: &[Value<'_>]) -> Result<Put, Failure> {
        let changed = {
            let mut statement = connection.prepare_cached(self.select.text())?;
            let mut rows = statement.query(params_from_iter(values.first().map(Bound)))?;
            rows.next()?.map(|row| self.changed(row, 0, values)).transpose()?
        };
        match changed {
            None => execute(connection, self.insert.text(), values).map(|_| Put::Inserted),
            Some(changed) => {
                let key = values.first().unwrap_or(&Value::Null);
                self.update(connection, &changed, key).map(|()| Put::Updated)
            }
        }
    }

    fn update_text(&self, changed: &[Changed<'_, '_>]) -> String {
        let assignments = changed.iter().zip(1..).map(|((name, _), at)| format!("{name} = ${at}"));
        let assignments = assignments.collect::<Vec<_>>().join(", ");
        format!("UPDATE {} SET {assignments} WHERE id = ${}", self.name, changed.len() + 1)
    }

    /// Writes the changed columns of the row with this key.
    pub(crate) fn update(
        &self,
        connection: &Connection,
        changed: &[Changed<'_, '_>],
        key: &Value<'_>,
    ) -> Result<(), Failure> {
        if changed.is_empty() {
            return Ok(());
        }
        let mut statement = connection.prepare_cached(&self.update_text(changed))?;
        let values = changed.iter().map(|(_, value)| &**value).chain([key]);
        statement.execute(params_from_iter(values.map(Bound)))?;
        Ok(())
    }
}

/// What to store instead of the present value, or `None` if it is the same. Fields without a
/// column that this version does not know stay.
fn new_value<'v, 'a>(column: &str, stored: ValueRef<'_>, new: &'v Value<'a>) -> Option<Cow<'v, Value<'a>>> {
    let is_same = match (column, stored, new) {
        (MORE, ValueRef::Text(stored), Value::Text(new)) => {
            return UserRow::merge_more(stored, new).map(|merged| Cow::Owned(Value::text(merged)));
        }
        _ => stored == Bound(new).as_stored(),
    };
    (!is_same).then_some(Cow::Borrowed(new))
}
