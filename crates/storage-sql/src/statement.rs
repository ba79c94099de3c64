//! Statements that are put together for one query.

use crate::value::Value;

/// A statement with the values of its placeholders, `$1`, `$2` and so on, each used once and in order.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Statement {
    sql: String,
    values: Vec<Value<'static>>,
}

impl Statement {
    /// Adds text.
    pub fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Adds a placeholder for this value.
    pub fn bind(&mut self, value: Value<'static>) -> &mut Self {
        self.values.push(value);
        self.sql.push('$');
        self.sql.push_str(&self.values.len().to_string());
        self
    }

    /// Adds the names of columns of a table, separated by commas. `table` is its name in the statement.
    pub fn columns(&mut self, table: &str, names: &[&str]) -> &mut Self {
        for (at, name) in names.iter().enumerate() {
            self.push(if at == 0 { "" } else { ", " }).push(table).push(".").push(name);
        }
        self
    }

    /// The text. The same kind of query always has the same text, so that it can be prepared once.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The values of the placeholders.
    #[must_use]
    pub fn values(&self) -> &[Value<'static>] {
        &self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_numbered_in_the_order_of_their_values() {
        let mut statement = Statement::default();
        statement.push("SELECT ").columns("u", &["id", "name"]).push(" FROM users u WHERE u.id > ");
        statement.bind(Value::Number(1)).push(" LIMIT ").bind(Value::Number(2));
        assert_eq!(statement.sql(), "SELECT u.id, u.name FROM users u WHERE u.id > $1 LIMIT $2");
        assert!(statement.values() == [Value::Number(1), Value::Number(2)]);
    }
}
