//! The conditions of a list that may hold for many users.

use roster_domain::{RoleName, SortKey, SortValue, StatusKind, UserQuery};

use super::dialect::Dialect;
use super::order::Order;
use crate::search::{Needle, Search};
use crate::sort_values::{column, column_value};
use crate::statement::Statement;
use crate::value::Value;

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    Search(Needle),
    Role(RoleName),
    Status(StatusKind),
    /// This value under a key of the order.
    Tie(SortKey, SortValue),
}

/// The rows that a statement starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// All users.
    Everyone,
    /// All users who have this part of a name, found on a walk along an index.
    Walked(Needle),
    /// Those for whom this condition holds, found by its index.
    Filtered(Filter),
}

impl Filter {
    /// The conditions of a query, without those that name one user.
    pub(super) fn all(query: &UserQuery, search: &Search) -> Vec<Self> {
        let search = match search {
            Search::Part(needle) => Some(Self::Search(needle.clone())),
            Search::Everyone | Search::Nobody => None,
        };
        let role = query.filter.role.clone().map(Self::Role);
        [search, role, query.filter.status.map(Self::Status)].into_iter().flatten().collect()
    }

    /// Adds a query that counts those for whom the condition holds, at most `limit`. Among these filters may be one
    /// whose index has the condition too.
    pub(super) fn push_count(
        &self,
        statement: &mut Statement,
        filters: &[Self],
        dialect: &impl Dialect,
        limit: usize,
    ) {
        match self {
            Self::Search(needle) => return dialect.count_search(statement, needle, limit),
            Self::Role(role) => {
                statement.push("SELECT count(*) FROM (SELECT 1 FROM user_roles r WHERE r.role = ");
                statement.bind(role_value(role));
            }
            Self::Status(status) => {
                statement.push("SELECT count(*) FROM (SELECT 1 FROM users u WHERE ");
                push_status(statement, *status);
            }
            Self::Tie(key, value) => {
                statement.push("SELECT count(*) FROM (SELECT 1 FROM users u WHERE u.").push(column(*key));
                statement.push(" = ").bind(column_value(*key, value));
                if let Some(status) = rare_status(filters) {
                    statement.push(" AND ");
                    push_status(statement, status);
                }
            }
        }
        let limit = Value::Number(i64::try_from(limit).unwrap_or(i64::MAX));
        statement.push(" LIMIT ").bind(limit).push(") AS few");
    }

    /// Adds the condition as a test of rows that were found otherwise.
    fn push_test(&self, statement: &mut Statement, dialect: &impl Dialect) {
        match self {
            Self::Search(needle) => dialect.contains(statement, "u.search", needle.as_str()),
            // A role name has no character that JSON escapes.
            Self::Role(role) => dialect.contains(statement, "u.roles", &format!("\"{}\"", role.as_str())),
            Self::Status(status) => dialect.equals(statement, "u.status", status_value(*status)),
            Self::Tie(key, value) => {
                let column_name = format!("u.{}", column(*key));
                dialect.equals(statement, &column_name, column_value(*key, value));
            }
        }
    }
}

impl Source {
    /// The condition whose index has the order of the query.
    pub(super) fn in_order(query: &UserQuery, filters: &[Filter]) -> Self {
        if let Some(status) = rare_status(filters) {
            return Self::Filtered(Filter::Status(status));
        }
        let is_by_creation = query.sort.keys().first().is_some_and(|(key, _)| *key == SortKey::CreatedAt);
        let indexed = filters.iter().find(|filter| matches!(filter, Filter::Role(_) | Filter::Status(_)));
        if let Some(filter) = indexed.filter(|_| is_by_creation) {
            return Self::Filtered(filter.clone());
        }
        let needle = filters.iter().find_map(|filter| match filter {
            Filter::Search(needle) => Some(needle.clone()),
            _ => None,
        });
        needle.map_or(Self::Everyone, Self::Walked)
    }

    /// Adds `FROM` and `WHERE` with all conditions.
    pub(super) fn push(&self, statement: &mut Statement, filters: &[Filter], dialect: &impl Dialect) {
        match self {
            Self::Everyone => {
                statement.push(" FROM users u WHERE 1 = 1");
            }
            Self::Walked(needle) => dialect.walk(statement, needle),
            Self::Filtered(Filter::Search(needle)) => {
                statement.push(" FROM users u WHERE ");
                dialect.search(statement, needle);
            }
            Self::Filtered(Filter::Role(role)) => {
                statement.push(" FROM user_roles r CROSS JOIN users u WHERE u.id = r.user_id AND r.role = ");
                statement.bind(role_value(role));
            }
            Self::Filtered(Filter::Status(status)) => {
                statement.push(" FROM users u WHERE ");
                push_status(statement, *status);
            }
            Self::Filtered(Filter::Tie(key, value)) => {
                statement.push(" FROM users u WHERE u.").push(column(*key)).push(" = ");
                statement.bind(column_value(*key, value));
            }
        }
        for filter in filters.iter().filter(|filter| !self.is_settled(filter)) {
            statement.push(" AND ");
            match (self, filter) {
                (Self::Filtered(Filter::Tie(..)), Filter::Status(status)) if is_rare(*status) => {
                    push_status(statement, *status);
                }
                _ => filter.push_test(statement, dialect),
            }
        }
    }

    /// The order, on the columns that the index of this source has.
    pub(super) fn order<D: Dialect>(&self, query: &UserQuery) -> Order {
        let table = if let Self::Walked(_) = self { D::WALKED } else { "u" };
        let mut order = Order::indexed(&query.sort, table);
        if let Self::Filtered(Filter::Role(_)) = self {
            "r.user_id".clone_into(&mut order.id);
            if let Some(first) = order.terms.first_mut().filter(|term| term.key == SortKey::CreatedAt) {
                "r.created_at".clone_into(&mut first.expression);
            }
        }
        order
    }

    /// Whether the rows of this source need no further test of the condition. A search may find too many.
    fn is_settled(&self, filter: &Filter) -> bool {
        match (self, filter) {
            (Self::Walked(_), Filter::Search(_)) => true,
            (Self::Filtered(own), _) => own == filter && !matches!(own, Filter::Search(_)),
            (Self::Everyone | Self::Walked(_), _) => false,
        }
    }
}

fn role_value(role: &RoleName) -> Value<'static> {
    Value::text(role.as_str().to_owned())
}

/// Whether a status has an index for every order. An index of the others, who are active, would have almost everyone.
fn is_rare(status: StatusKind) -> bool {
    status != StatusKind::Active
}

/// The status that has an index for every order, if it is a condition.
fn rare_status(filters: &[Filter]) -> Option<StatusKind> {
    filters.iter().find_map(|filter| match filter {
        Filter::Status(status) => Some(*status).filter(|status| is_rare(*status)),
        _ => None,
    })
}

/// Adds the condition that a user has this status, in the form that the indexes serve.
fn push_status(statement: &mut Statement, status: StatusKind) {
    statement.push("u.status = ").bind(status_value(status));
    if is_rare(status) {
        // SQLite uses a partial index only if the statement has its condition.
        statement.push(" AND u.status <> 'active'");
    }
}

fn status_value(status: StatusKind) -> Value<'static> {
    Value::text(status.as_str())
}
