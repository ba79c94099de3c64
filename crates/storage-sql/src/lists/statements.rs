//! The statements of a list of users.

use roster_domain::{SortValue, UserQuery};

use super::dialect::Dialect;
use super::filter::{Filter, Source};
use super::order::{Order, is_pair};
use crate::rows::UserRow;
use crate::statement::Statement;
use crate::value::Value;

/// What the statements of a list depend on.
pub(super) struct Statements<'l, D> {
    pub(super) query: &'l UserQuery,
    pub(super) filters: &'l [Filter],
    pub(super) dialect: &'l D,
}

impl<D: Dialect> Statements<'_, D> {
    /// Counts those for whom the condition holds, at most `few`.
    pub(super) fn probe(&self, filter: &Filter, few: usize) -> Statement {
        let mut statement = Statement::default();
        filter.push_count(&mut statement, self.filters, self.dialect, few);
        statement
    }

    /// Sorts those for whom the condition holds.
    pub(super) fn few(&self, filter: &Filter, limit: usize) -> Statement {
        let mut statement = select();
        Source::Filtered(filter.clone()).push(&mut statement, self.filters, self.dialect);
        let order = Order::unindexed(&self.query.sort, self.dialect);
        if let Some(after) = &self.query.after {
            statement.push(" AND ");
            order.push_after(&mut statement, &after.values, after.id);
        }
        order.push(&mut statement);
        push_limit(&mut statement, limit);
        statement
    }

    /// Reads those after the cursor who have its first value.
    pub(super) fn within_group(&self, limit: usize) -> Statement {
        let (mut statement, order) = self.walk();
        if let (Some(after), Some(first)) = (&self.query.after, order.terms.first()) {
            statement.push(" AND ");
            first.push_equal(&mut statement, after.values.first().unwrap_or(&SortValue::Absent));
            statement.push(" AND ");
            order.push_after(&mut statement, &[], after.id);
        }
        statement.push(" ORDER BY ").push(&order.id);
        push_limit(&mut statement, limit);
        statement
    }

    /// Reads those after all with the first value of the cursor, or everyone. Upwards by a single key, they are in order;
    /// otherwise ties are in no order, and there is one user more.
    pub(super) fn beyond(&self, limit: usize) -> Statement {
        let (mut statement, order) = self.walk();
        if let (Some(after), Some(first)) = (&self.query.after, order.terms.first()) {
            statement.push(" AND ");
            match after.values.first() {
                Some(_) if is_pair(self.query) => order.push_after_pair(&mut statement, after),
                Some(value) => first.push_beyond(&mut statement, value),
                None => order.push_after(&mut statement, &[], after.id),
            }
        }
        if is_pair(self.query) {
            order.push(&mut statement);
            push_limit(&mut statement, limit);
        } else {
            order.push_first(&mut statement);
            push_limit(&mut statement, limit + 1);
        }
        statement
    }

    /// Reads those with this first value by id.
    pub(super) fn group(&self, value: &SortValue, limit: usize) -> Statement {
        let (mut statement, order) = self.walk();
        if let Some(first) = order.terms.first() {
            statement.push(" AND ");
            first.push_equal(&mut statement, value);
        }
        statement.push(" ORDER BY ").push(&order.id);
        push_limit(&mut statement, limit);
        statement
    }

    /// The start of a statement that walks the index of the first key, and the order of that index.
    fn walk(&self) -> (Statement, Order) {
        let source = Source::in_order(self.query, self.filters);
        let mut statement = select();
        source.push(&mut statement, self.filters, self.dialect);
        let mut order = source.order::<D>(self.query);
        order.terms.truncate(1);
        (statement, order)
    }
}

/// Reads the only user with this value.
pub(super) fn named(column: &str, value: &str) -> Statement {
    let mut statement = select();
    statement.push(" FROM users u WHERE u.").push(column).push(" = ").bind(Value::text(value.to_owned()));
    statement
}

fn select() -> Statement {
    let mut statement = Statement::default();
    statement.push("SELECT ").columns("u", &UserRow::COLUMNS);
    statement
}

fn push_limit(statement: &mut Statement, limit: usize) {
    statement.push(" LIMIT ").bind(Value::Number(i64::try_from(limit).unwrap_or(i64::MAX)));
}
