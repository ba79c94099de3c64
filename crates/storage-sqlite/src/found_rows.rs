//! The rows that have a part of a name, as a set that a walk tests before it reads a row.

use roster_storage_sql::{Statement, Value};
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, params_from_iter};

use crate::failure::Failure;
use crate::rows::Bound;

/// A set of rows of `users`, by their number.
pub(crate) struct FoundRows {
    /// A bit for each number.
    bits: Vec<u8>,
    count: usize,
}

impl FoundRows {
    /// The rows whose numbers this statement returns, some perhaps several times.
    pub(crate) fn read(connection: &Connection, statement: &Statement) -> Result<Self, Failure> {
        let mut found = Self { bits: Vec::new(), count: 0 };
        let mut prepared = connection.prepare_cached(statement.sql())?;
        let mut rows = prepared.query(params_from_iter(statement.values().iter().map(Bound)))?;
        while let Some(row) = rows.next()? {
            found.insert(row.get(0)?);
        }
        Ok(found)
    }

    fn insert(&mut self, number: i64) {
        let Some((at, bit)) = place(number) else { return };
        if at >= self.bits.len() {
            self.bits.resize(at + 1, 0);
        }
        if let Some(byte) = self.bits.get_mut(at).filter(|byte| **byte & bit == 0) {
            *byte |= bit;
            self.count += 1;
        }
    }

    /// How many there are.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// Adds the condition that the row of `users`, called `u`, is one of them.
    pub(crate) fn push_test(&self, statement: &mut Statement) {
        statement.push("has_bit(").bind(Value::Bytes(self.bits.clone().into())).push(", u.n)");
    }
}

/// Adds the function of the [test](FoundRows::push_test) to a connection.
pub(crate) fn add_function(connection: &Connection) -> rusqlite::Result<()> {
    let flags =
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("has_bit", 2, flags, |call| {
        let bits = call.get_raw(0).as_blob().unwrap_or_default();
        let place = call.get_raw(1).as_i64().ok().and_then(place);
        Ok(place.is_some_and(|(at, bit)| bits.get(at).is_some_and(|byte| byte & bit != 0)))
    })
}

/// The byte with the bit of a number, and the bit in it. Numbers of rows are greater than zero.
fn place(number: i64) -> Option<(usize, u8)> {
    Some((usize::try_from(number / 8).ok()?, 1 << number.checked_rem_euclid(8)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_found_once_each() {
        let connection = Connection::open_in_memory().unwrap();
        add_function(&connection).unwrap();
        connection
            .execute_batch("CREATE TABLE users (n INTEGER PRIMARY KEY); INSERT INTO users VALUES (1), (7), (8), (9), (99)")
            .unwrap();
        let mut statement = Statement::default();
        statement.push("VALUES (9), (1), (9), (8)");
        let found = FoundRows::read(&connection, &statement).unwrap();
        assert_eq!(found.count(), 3);
        let mut test = Statement::default();
        test.push("SELECT u.n FROM users u WHERE ");
        found.push_test(&mut test);
        let tested = FoundRows::read(&connection, &test).unwrap();
        assert!(tested.bits == found.bits && tested.count() == 3);
    }
}
