//! What differs between engines in a list of users.

use crate::search::Needle;
use crate::statement::Statement;

/// How an engine writes the parts of a list that are not standard SQL. `users` is called `u` in every statement.
pub trait Dialect {
    /// Adds a condition that an index serves. It is true for everyone whose searched text contains the needle, and
    /// may be true for others, whom [`contains`](Self::contains) then rules out.
    fn search(&self, statement: &mut Statement, needle: &Needle);

    /// Adds a query that counts those whom [`search`](Self::search) finds, at most `limit`.
    fn count_search(&self, statement: &mut Statement, needle: &Needle, limit: usize);

    /// Adds a condition that the column contains the text, which no index serves.
    fn contains(&self, statement: &mut Statement, column: &str, text: &str);

    /// A column as an expression that no index serves, so that the planner does not choose one.
    fn unindexed(&self, column: &str, kind: ColumnKind) -> String;
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// A text.
    Text,
    /// A number or a time.
    Number,
}
