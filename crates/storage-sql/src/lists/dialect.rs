//! What differs between engines in a list of users.

use crate::search::Needle;
use crate::statement::Statement;
use crate::value::Value;

/// How an engine writes the parts of a list that are not standard SQL. `users` is called `u` in every statement.
pub trait Dialect {
    /// What [`walk`](Self::walk) calls the users whose index it reads.
    const WALKED: &'static str;

    /// Adds `FROM` and `WHERE` for those whose searched text contains the needle, found on a walk along an index. It reads
    /// as little as it can of users whom it passes.
    fn walk(&self, statement: &mut Statement, needle: &Needle);

    /// Adds a condition that an index serves. It is true for everyone whose searched text contains the needle, and
    /// may be true for others, whom [`contains`](Self::contains) then rules out.
    fn search(&self, statement: &mut Statement, needle: &Needle);

    /// Adds a query that counts those whom [`search`](Self::search) finds, at most `limit`.
    fn count_search(&self, statement: &mut Statement, needle: &Needle, limit: usize);

    /// Adds a condition that the column contains the text, which no index serves.
    fn contains(&self, statement: &mut Statement, column: &str, text: &str);

    /// Adds a condition that the column has the value, which no index serves, and which the planner expects to hold for
    /// many.
    fn equals(&self, statement: &mut Statement, column: &str, value: Value<'static>);

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
