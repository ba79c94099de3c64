//! The order of a list, as SQL.

use roster_domain::{Direction, Position, Sort, SortKey, SortValue, UserId, UserQuery};

use super::dialect::{ColumnKind, Dialect};
use crate::sort_values::{column, column_value, is_text};
use crate::statement::Statement;
use crate::value::Value;

/// The terms of an order, most significant first, and the id that breaks ties upwards.
pub(super) struct Order {
    pub(super) terms: Vec<Term>,
    /// The id as an expression.
    pub(super) id: String,
}

/// A term of an order.
pub(super) struct Term {
    pub(super) key: SortKey,
    pub(super) direction: Direction,
    /// The column as an expression.
    pub(super) expression: String,
}

impl Order {
    /// The order on the columns of `users`, which indexes serve. `table` is its name in the statement.
    pub(super) fn indexed(sort: &Sort, table: &str) -> Self {
        Self::of(sort, table, |key| format!("{table}.{}", column(key)))
    }

    /// The order on expressions that no index serves.
    pub(super) fn unindexed(sort: &Sort, dialect: &impl Dialect) -> Self {
        Self::of(sort, "u", |key| dialect.unindexed(&format!("u.{}", column(key)), kind(key)))
    }

    fn of(sort: &Sort, table: &str, expression: impl Fn(SortKey) -> String) -> Self {
        let term =
            |&(key, direction): &(SortKey, Direction)| Term { key, direction, expression: expression(key) };
        Self { terms: sort.keys().iter().map(term).collect(), id: format!("{table}.id") }
    }

    /// Adds `ORDER BY` with every term.
    pub(super) fn push(&self, statement: &mut Statement) {
        statement.push(" ORDER BY ");
        for term in &self.terms {
            statement.push(&term.expression).push(match term.direction {
                Direction::Ascending => ", ",
                Direction::Descending => " DESC, ",
            });
        }
        statement.push(&self.id);
    }

    /// Adds `ORDER BY` with the first term only.
    pub(super) fn push_first(&self, statement: &mut Statement) {
        let Some(first) = self.terms.first() else { return };
        statement.push(" ORDER BY ").push(&first.expression);
        if first.direction == Direction::Descending {
            statement.push(" DESC");
        }
    }

    /// Adds the condition that a row comes after this position, of which the values belong to the terms.
    pub(super) fn push_after(&self, statement: &mut Statement, values: &[SortValue], id: UserId) {
        for (term, value) in self.terms.iter().zip(values) {
            statement.push("(");
            term.push_beyond(statement, value);
            statement.push(" OR ");
            term.push_equal(statement, value);
            statement.push(" AND ");
        }
        statement.push(&self.id).push(" > ").bind(id_value(id));
        self.terms.iter().zip(values).for_each(|_| {
            statement.push(")");
        });
    }

    /// Adds the same condition for a single ascending term, in the form that an index serves.
    pub(super) fn push_after_pair(&self, statement: &mut Statement, position: &Position) {
        let Some((term, value)) = self.terms.first().zip(position.values.first()) else { return };
        statement.push("(").push(&term.expression).push(", ").push(&self.id).push(") > (");
        statement.bind(column_value(term.key, value)).push(", ").bind(id_value(position.id)).push(")");
    }
}

impl Term {
    /// Adds the condition that a row comes after all that have this value.
    pub(super) fn push_beyond(&self, statement: &mut Statement, value: &SortValue) {
        statement.push(&self.expression).push(match self.direction {
            Direction::Ascending => " > ",
            Direction::Descending => " < ",
        });
        statement.bind(column_value(self.key, value));
    }

    /// Adds the condition that a row has this value.
    pub(super) fn push_equal(&self, statement: &mut Statement, value: &SortValue) {
        statement.push(&self.expression).push(" = ").bind(column_value(self.key, value));
    }
}

/// Whether the order is that of one key upwards, so that one comparison of the key and the id finds what follows.
pub(super) fn is_pair(query: &UserQuery) -> bool {
    let first = query.sort.keys().first();
    is_settled_by_first_key(query) && first.is_some_and(|(_, direction)| *direction == Direction::Ascending)
}

/// Whether the first key, with ties by id, determines the whole order. No two users share a username.
pub(super) fn is_settled_by_first_key(query: &UserQuery) -> bool {
    matches!(query.sort.keys(), [_] | [(SortKey::Username, _), ..])
}

/// The value of an id.
pub(super) fn id_value(id: UserId) -> Value<'static> {
    Value::Id(*id.as_uuid())
}

/// What the column of a sort key holds.
const fn kind(key: SortKey) -> ColumnKind {
    if is_text(key) { ColumnKind::Text } else { ColumnKind::Number }
}
